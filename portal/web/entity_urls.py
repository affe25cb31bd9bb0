"""The addresses of entities, of the help and of the schemas."""

from __future__ import annotations

from django.urls import path, register_converter

from portal.web.pages import (
    decide,
    dependencies,
    entity,
    entity_remove,
    help,
    history,
    operations,
    schemas,
    star,
)


class Part:
    """A part of a reference, as far as an address can tell. Others reach no table."""

    regex = "[-_.A-Za-z0-9]{1,63}"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(Part, "part")
_ENTITY = "catalog/<part:namespace>/<part:kind>/<part:name>/"

urlpatterns = [
    path(_ENTITY, entity.overview, name="entity"),
    path(
        f"{_ENTITY}dependencies/", dependencies.dependencies, name="entity-dependencies"
    ),
    path(f"{_ENTITY}health/", entity.health, name="entity-health"),
    path(f"{_ENTITY}operations/", operations.page, name="entity-operations"),
    path(f"{_ENTITY}operations/probe/", operations.probe_now, name="probe-now"),
    path(f"{_ENTITY}operations/pause/", operations.pause, name="probe-pause"),
    path(f"{_ENTITY}operations/vector/", operations.accept, name="probe-vector"),
    path(f"{_ENTITY}operations/looks/<int:pk>/", operations.watch, name="probe-look"),
    path(
        f"{_ENTITY}operations/maintenance/",
        operations.maintenance,
        name="entity-maintenance",
    ),
    path(f"{_ENTITY}yaml/", entity.source_text, name="entity-yaml"),
    path(f"{_ENTITY}history/", history.revisions, name="entity-history"),
    path(f"{_ENTITY}history/patch", history.patch, name="entity-patch"),
    path(f"{_ENTITY}decide/", decide.decide, name="entity-decide"),
    path(f"{_ENTITY}star/", star.star, name="entity-star"),
    path(f"{_ENTITY}remove/", entity_remove.remove, name="entity-remove"),
    path(f"{_ENTITY}catalog-info.yaml", entity.download, name="entity-download"),
    path("help/", help.help_index, name="help"),
    path("help/doors/", help.help_doors, name="help-doors"),
    path("help/kinds/", help.help_kinds, name="help-kinds"),
    path("help/kinds/<str:kind>/", help.help_kind, name="help-kind"),
    path("help/queries/", help.help_queries, name="help-queries"),
    path("help/probers/", help.help_probers, name="help-probers"),
    path("help/<str:path>/", help.help_page, name="help-page"),
    path("schemas/", schemas.index, name="schemas"),
    path("schemas/<str:kind>.json", schemas.schema, name="schema"),
]
