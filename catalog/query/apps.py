"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class QueryConfig(AppConfig):
    name = "catalog.query"
    label = "query"
    verbose_name = "Finding entities"
    default_auto_field = "django.db.models.BigAutoField"
