"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class SecretsConfig(AppConfig):
    name = "catalog.secrets"
    label = "secrets"
    verbose_name = "Secrets by reference"
    default_auto_field = "django.db.models.BigAutoField"
