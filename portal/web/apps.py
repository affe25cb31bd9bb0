"""The Django app of the pages."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """portal.web: pages, panels, templates and static files."""

    name = "portal.web"
    label = "web"
    verbose_name = "Web"
