"""Entities, revisions and findings. Documents are edited only through their source."""

from __future__ import annotations

from django.contrib import admin

from catalog.entities.models import Entity, Event, Finding, Identity, Revision
from portal.admin.readonly import ReadOnlyAdmin


@admin.register(Entity)
class EntityAdmin(ReadOnlyAdmin):
    """What the catalog holds."""

    list_display = ("ref", "title", "type", "owner", "lifecycle", "source", "path")
    list_filter = ("kind", "lifecycle", "audience", "source")
    list_select_related = ("source",)
    search_fields = ("ref", "title")
    ordering = ("ref",)


@admin.register(Identity)
class IdentityAdmin(ReadOnlyAdmin):
    """What was ever called something."""

    list_display = ("ref", "uid", "created_at")
    search_fields = ("ref", "uid")
    ordering = ("ref",)


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    """Every change of every entity."""

    list_display = ("at", "identity", "action", "door", "author_name", "source_name")
    list_filter = ("action", "door")
    list_select_related = ("identity",)
    search_fields = ("identity__ref", "reason", "path")
    ordering = ("-id",)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What tools did to entities."""

    list_display = ("at", "identity", "action", "version", "tool", "author_name")
    list_filter = ("action", "tool")
    list_select_related = ("identity",)
    search_fields = ("identity__ref", "title", "version")
    ordering = ("-at", "-id")


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    """What is not as it should be."""

    list_display = ("code", "severity", "subject", "source", "path", "line", "since")
    list_filter = ("severity", "code", "source")
    list_select_related = ("source",)
    search_fields = ("subject", "path", "message")
    ordering = ("severity", "-since")
