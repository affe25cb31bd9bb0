"""The addresses of the pages around the catalog: home, index, search, sources."""

from __future__ import annotations

from django.urls import path

from portal.web.pages import (
    attention,
    catalog,
    home,
    paste,
    search,
    secret,
    secrets,
    settings,
    source,
    source_add,
    sources,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("attention/", attention.attention, name="attention"),
    path("attention/<int:pk>/ignore/", attention.ignore, name="finding-ignore"),
    path("attention/<int:pk>/heed/", attention.heed, name="finding-heed"),
    path("catalog/", catalog.catalog, name="catalog"),
    path("catalog/catalog-info.yaml", catalog.export, name="catalog-export"),
    path("search/", search.search, name="search"),
    path("settings/", settings.settings, name="settings"),
    path("settings/secrets/", secrets.secrets, name="secrets"),
    path("settings/secrets/add/", secret.add, name="secret-add"),
    path("settings/secrets/<int:pk>/", secret.secret, name="secret"),
    path("settings/secrets/<int:pk>/remove/", secret.remove, name="secret-remove"),
    path("settings/sources/", sources.sources, name="sources"),
    path("settings/sources/add/", source_add.add, name="source-add"),
    path("settings/sources/paste/", paste.paste, name="source-paste"),
    path("settings/sources/<int:pk>/", source.source, name="source"),
    path("settings/sources/<int:pk>/read/", source.read, name="source-read"),
    path("settings/sources/<int:pk>/pause/", source.pause, name="source-pause"),
    path("settings/sources/<int:pk>/change/", source.change, name="source-change"),
    path("settings/sources/<int:pk>/remove/", source.remove, name="source-remove"),
    path(
        "settings/sources/<int:pk>/orphans/<path:ref>/remove/",
        source.remove_orphan,
        name="orphan-remove",
    ),
]
