"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class SourcesConfig(AppConfig):
    name = "catalog.sources"
    label = "sources"
    verbose_name = "Where entities come from"
    default_auto_field = "django.db.models.BigAutoField"
