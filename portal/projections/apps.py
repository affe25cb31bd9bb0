"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ProjectionsConfig(AppConfig):
    name = "portal.projections"
    label = "projections"
    verbose_name = "Projections"
    default_auto_field = "django.db.models.BigAutoField"
