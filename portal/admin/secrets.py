"""Secrets: what is registered. It is changed in the portal, which keeps the audit."""

from __future__ import annotations

from django.contrib import admin

from catalog.secrets.models import Secret
from portal.admin.readonly import ReadOnlyAdmin


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """Names and bindings; there is no value to show."""

    list_display = ("name", "origin", "variable", "hosts", "uses", "last_used_at")
    list_filter = ("origin",)
    search_fields = ("name", "variable", "hosts", "note")
    ordering = ("name",)
