"""The Django app of this room."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

from catalog.query import fields


class ProbesConfig(AppConfig):
    name = "catalog.probes"
    label = "probes"
    verbose_name = "Probes"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The states of services are a field of the catalog; a document is warned of
        probes that it cannot have."""
        fields.register(import_module("catalog.probes.states").FIELD, after="type")
        fields.register(import_module("catalog.probes.drift").FIELD, after="status")
        import_module("catalog.probes.criteria").register_all()
        rules = import_module("catalog.entities.validation")
        rules.register(import_module("catalog.probes.declaring").complaints)
