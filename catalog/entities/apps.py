"""The Django app of this room."""

from __future__ import annotations

from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "catalog.entities"
    label = "entities"
    verbose_name = "The nouns of the catalog"
    default_auto_field = "django.db.models.BigAutoField"
