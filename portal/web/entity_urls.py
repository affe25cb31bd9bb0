"""The addresses of entities, of the help and of the schemas."""

from __future__ import annotations

from django.urls import path

from portal.web.pages import dependencies, entity, help, history, schemas

_ENTITY = "catalog/<str:namespace>/<str:kind>/<str:name>/"

urlpatterns = [
    path(_ENTITY, entity.overview, name="entity"),
    path(
        f"{_ENTITY}dependencies/", dependencies.dependencies, name="entity-dependencies"
    ),
    path(f"{_ENTITY}yaml/", entity.source_text, name="entity-yaml"),
    path(f"{_ENTITY}history/", history.revisions, name="entity-history"),
    path(f"{_ENTITY}catalog-info.yaml", entity.download, name="entity-download"),
    path("help/", help.help_index, name="help"),
    path("help/kinds/", help.help_kinds, name="help-kinds"),
    path("help/kinds/<str:kind>/", help.help_kind, name="help-kind"),
    path("help/<str:path>/", help.help_page, name="help-page"),
    path("schemas/", schemas.index, name="schemas"),
    path("schemas/<str:kind>.json", schemas.schema, name="schema"),
]
