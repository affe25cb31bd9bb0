"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class ProbesConfig(AppConfig):
    name = "catalog.probes"
    label = "probes"
    verbose_name = "Probes"
    default_auto_field = "django.db.models.BigAutoField"
