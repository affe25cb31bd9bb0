"""Secrets by reference: names and limits; the portal registers them."""

from __future__ import annotations

from django.contrib import admin

from catalog.secrets.models import Secret
from portal.admin.readonly import ReadOnlyAdmin


@admin.register(Secret)
class SecretAdmin(ReadOnlyAdmin):
    """Which names there are and where they may be sent. There is no value to see."""

    list_display = ("name", "origin", "place", "hosts", "uses", "last_used_at")
    search_fields = ("name", "hosts", "note")
