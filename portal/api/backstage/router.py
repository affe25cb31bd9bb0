"""Which operation a request means; what goes wrong becomes Backstage's own errors."""

from __future__ import annotations

import re
from collections.abc import Callable

from portal.api.backstage import checks, locations, lookups, queries, search
from portal.api.backstage.errors import BackstageError, told
from portal.api.plain import Answer, Ask

CATALOG, SEARCH = "/api/catalog", "/api/search"
Operation = Callable[..., Answer]
_NAMED = "([^/]+)/([^/]+)/([^/]+)"
# (methods and path, who answers), as they are below /api/catalog.
OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("GET", "/entities", queries.entities),
    ("GET", "/entities/by-query", queries.by_query),
    ("POST", "/entities/by-query", queries.by_predicate),
    ("POST", "/entities/by-refs", lookups.by_refs),
    ("GET", f"/entities/by-name/{_NAMED}", lookups.by_name),
    ("GET", f"/entities/by-name/{_NAMED}/ancestry", lookups.ancestry),
    ("GET", "/entities/by-uid/([^/]+)", lookups.by_uid),
    ("DELETE", "/entities/by-uid/([^/]+)", locations.refuse),
    ("GET", "/entity-facets", queries.facets),
    ("POST", "/entity-facets", queries.facets_by_predicate),
    ("POST", "/refresh", checks.refresh),
    ("POST", "/validate-entity", checks.validate),
    ("POST", "/analyze-location", locations.analyze),
    ("GET", "/locations", locations.every),
    ("POST", "/locations", locations.refuse),
    ("POST", "/locations/by-query", locations.by_query),
    ("GET", f"/locations/by-entity/{_NAMED}", locations.by_entity),
    ("GET", "/locations/([^/]+)", locations.by_id),
    ("PUT", "/locations/([^/]+)", locations.refuse),
    ("DELETE", "/locations/([^/]+)", locations.refuse),
)
_ROUTES = [
    (method, re.compile(f"{path}/?"), operation)
    for method, path, operation in OPERATIONS
]


def catalog(ask: Ask) -> Answer:
    """The answer of Backstage's catalog API."""
    for method, path, operation in _ROUTES:
        match = path.fullmatch(ask.path)
        if match and method == _meant(ask.method):
            return _answered(ask, operation, match.groups())
    # As Backstage: nothing at all.
    return Answer(404)


def searching(ask: Ask) -> Answer:
    """The answer of Backstage's search API."""
    if ask.path.rstrip("/") != "/query":
        return Answer(404)
    if _meant(ask.method) != "GET":
        return Answer(405, headers=(("Allow", "GET, HEAD"),))
    return _answered(ask, search.query, ())


def _meant(method: str) -> str:
    return "GET" if method == "HEAD" else method


def _answered(ask: Ask, operation: Operation, parts: tuple[str, ...]) -> Answer:
    try:
        return operation(ask, *parts)
    except BackstageError as error:
        return told(error, ask)
