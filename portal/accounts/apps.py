"""The app of accounts: who may come in, and as whom."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts, invites, attempts and the audit."""

    name = "portal.accounts"
    label = "accounts"
    verbose_name = "People and access"
