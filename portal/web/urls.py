"""The addresses of the pages."""

from __future__ import annotations

from django.urls import include, path

from portal.web.pages import export, health
from portal.web.pages.components import components
from portal.web.pages.generation import generation
from portal.web.pages.hook import hook
from portal.web.pages.ping import ping

urlpatterns = [
    path("", include("portal.web.accounts_urls")),
    path("", include("portal.web.index_urls")),
    path("", include("portal.web.entity_urls")),
    path("", include("portal.web.probe_urls")),
    path("-/components/", components, name="components"),
    path("-/generation", generation, name="generation"),
    path("hooks/sources/<int:pk>/", hook, name="hook"),
    path("ping/<uuid:uid>/<str:token>/", ping, name="ping"),
    path("ping/<uuid:uid>/<str:token>/<str:outcome>/", ping, name="ping-outcome"),
    path(
        "export/<str:target>/<str:profile>/t/<str:token>/<path:file>",
        export.with_token,
        name="export-with-token",
    ),
    path("export/<str:target>/<str:profile>/<path:file>", export.public, name="export"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
