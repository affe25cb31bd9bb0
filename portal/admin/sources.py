"""Sources: the administrator's rows about where documents come from."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.sources import managing
from catalog.sources.models import Source
from portal.admin.readonly import ModelAdmin


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    """Limits and flags. Sources are added and removed in the portal, which reads them
    at once and says what happened."""

    list_display = ("name", "provider", "target", "state", "last_ok_at", "paused")
    list_filter = ("provider", "state", "paused", "example")
    search_fields = ("name", "target")
    fields = (
        "name",
        "provider",
        "target",
        "owner",
        "example",
        "may_declare_people",
        "kinds",
        "namespaces",
        "widest",
        "interval",
        "orphan_days",
        "paused",
        "state",
        "last_run_at",
        "last_ok_at",
        "last_summary",
        "last_error",
    )
    readonly_fields = (
        "provider",
        "target",
        "state",
        "last_run_at",
        "last_ok_at",
        "last_summary",
        "last_error",
    )

    def save_model(
        self, request: HttpRequest, obj: Source, form: Any, change: bool
    ) -> None:
        """By the same way as the portal, so that what is derived is made anew."""
        managing.change(obj)
        managing.pause(obj, paused=obj.paused)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """In the portal: it checks the target and reads it at once."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Source | None = None
    ) -> bool:
        """In the portal: it asks what becomes of the entities."""
        return False
