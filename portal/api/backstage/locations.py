"""Locations: the sources whose entities the asker sees; adding one is our portal's."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from catalog.entities.models import Entity
from catalog.query.language.scope import Scope
from catalog.sources.models import Source
from portal.api.backstage.documents import texts
from portal.api.backstage.errors import (
    JSON,
    InputError,
    NotAllowedError,
    NotFoundError,
)
from portal.api.backstage.lookups import named
from portal.api.backstage.predicates import plain, predicate
from portal.api.backstage.queries import body_of
from portal.api.plain import Answer, Ask

_SPACE = uuid.UUID("6a4a6d0e-2f0b-5c0e-9f5e-6b1f2a7c4d11")
_MOST_ANALYZED = 100
REFUSED = (
    "Greenroom does not take this through Backstage's API: add, change and remove "
    "sources in its portal, or apply documents with POST /api/v1/apply"
)


def every(ask: Ask) -> Answer:
    """`GET /locations`."""
    return _json([{"data": one} for one in _known(ask)])


@dataclass(frozen=True)
class _Things:
    """Locations, for predicates."""

    rows: list[dict[str, Any]]

    @property
    def seen(self) -> int:
        return (1 << len(self.rows)) - 1

    def _where(self, fits: Callable[[dict[str, Any]], bool]) -> int:
        return sum(1 << at for at, row in enumerate(self.rows) if fits(row))

    def has(self, key: str, value: str) -> int:
        return self._where(lambda row: str(row.get(key, "")).lower() == value.lower())

    def having(self, key: str) -> int:
        return self._where(lambda row: key in row)

    def begins(self, key: str, start: str) -> int:
        return self._where(lambda row: str(row.get(key, "")).lower().startswith(start))

    def holds(self, key: str, value: Any) -> int:
        return self.has(key, plain(value))


def by_query(ask: Ask) -> Answer:
    """`POST /locations/by-query`: all that fit, which are never many."""
    known = _known(ask)
    fits = predicate(_Things(known), body_of(ask).get("query") or {})
    found = [row for at, row in enumerate(known) if fits >> at & 1]
    return _json({"items": found, "totalItems": len(found), "pageInfo": {}})


def analyze(ask: Ask) -> Answer:
    """`POST /analyze-location`: what is in the catalog from there already. Greenroom
    guesses no entities of what it does not read."""
    given = body_of(ask).get("location")
    if not isinstance(given, dict) or not isinstance(given.get("target"), str):
        raise InputError("request/body must have required property 'location'")
    rows = Entity.objects.visible_to(ask.viewer).filter(source__target=given["target"])
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:_MOST_ANALYZED])
    scope = Scope.declared(ask.viewer)
    places = [scope.table.position[key] for key in keys if key in scope.table.position]
    found = [
        {"location": given, "isRegistered": True, "entity": json.loads(text)}
        for text in texts(scope, places)
    ]
    return _json({"existingEntityFiles": found, "generateEntities": []})


def by_id(ask: Ask, key: str) -> Answer:
    """`GET /locations/{id}`."""
    for one in _known(ask):
        if one["id"] == key:
            return _json(one)
    raise NotFoundError(f"Found no location with ID {key[:100]}")


def by_entity(ask: Ask, kind: str, namespace: str, name: str) -> Answer:
    """`GET /locations/by-entity/{kind}/{namespace}/{name}`."""
    scope = Scope.declared(ask.viewer)
    at = named(scope, kind, namespace, name)
    if at is None:
        ref = f"{kind}:{namespace}/{name}".lower()
        raise NotFoundError(f"found no entity for ref {ref}"[:300])
    source = Source.objects.get(entities=scope.table.keys[at])
    return _json(_location(source))


def refuse(ask: Ask, *_: str) -> Answer:
    """What would change something in a Backstage."""
    raise NotAllowedError(REFUSED)


def _known(ask: Ask) -> list[dict[str, Any]]:
    seen = Entity.objects.visible_to(ask.viewer).order_by().values("source_id")
    rows = Source.objects.exclude(target="").filter(pk__in=seen.distinct())
    return [_location(source) for source in rows.order_by("pk")]


def _location(source: Source) -> dict[str, Any]:
    spelled = f"{source.provider}:{source.target}"
    digest = hashlib.sha1(spelled.encode(), usedforsecurity=False).hexdigest()
    return {
        "id": str(uuid.uuid5(_SPACE, str(source.pk))),
        "type": source.provider,
        "target": source.target,
        "entityRef": f"location:default/generated-{digest}",
    }


def _json(data: Any) -> Answer:
    return Answer(200, json.dumps(data).encode(), (JSON,))
