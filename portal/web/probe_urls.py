"""The addresses of what probes know: status page, badges, metrics, the engine."""

from __future__ import annotations

from django.urls import path

from portal.web.pages import badge, drift, engine, metrics, status

urlpatterns = [
    path("drift/", drift.drift, name="drift"),
    path("status/", status.status, name="status"),
    path(
        "badges/<part:namespace>/<part:kind>/<part:name>.svg", badge.badge, name="badge"
    ),
    path("metrics", metrics.metrics, name="metrics"),
    path("settings/metrics/", metrics.settings, name="metrics-settings"),
    path("settings/metrics/renew/", metrics.renew, name="metrics-renew"),
    path("settings/health/", engine.health, name="engine"),
]
