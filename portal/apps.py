"""The Django app that ties the house together: commands, checks, the Celery app."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "Greenroom"

    def ready(self) -> None:
        # Only here: without the Celery app, tasks sent by the web process would go to
        # Celery's default app, and portal/__init__.py stays free of Django.
        import_module("portal.celery")
        import_module("portal.checks")
