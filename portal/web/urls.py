"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path

from portal.web.pages import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
