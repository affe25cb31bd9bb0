"""Entities by name, by unique id, by references; where one came from."""

from __future__ import annotations

import json

from catalog.query import paths
from catalog.query.columns import positions_of
from catalog.query.language.scope import Scope
from portal.api.backstage import filters
from portal.api.backstage.documents import projected, texts
from portal.api.backstage.errors import JSON, InputError, NotFoundError
from portal.api.backstage.predicates import predicate
from portal.api.backstage.queries import body_of, texts_of
from portal.api.plain import Answer, Ask

_MOST_REFS = 1000


def by_name(ask: Ask, kind: str, namespace: str, name: str) -> Answer:
    """`GET /entities/by-name/{kind}/{namespace}/{name}`."""
    scope = Scope.declared(ask.viewer)
    at = named(scope, kind, namespace, name)
    if at is None:
        raise _missing(kind, namespace, name)
    return Answer(200, texts(scope, [at])[0].encode(), (JSON,))


def _missing(kind: str, namespace: str, name: str) -> NotFoundError:
    ref = f"{kind}:{namespace}/{name}".lower()
    return NotFoundError(f"There is no entity {ref[:300]} that you may see")


def named(scope: Scope, kind: str, namespace: str, name: str) -> int | None:
    """The position of an entity that is seen."""
    at = scope.table.at_ref(f"{kind}:{namespace}/{name}".lower())
    return at if at is not None and scope.seen >> at & 1 else None


def by_uid(ask: Ask, uid: str) -> Answer:
    """`GET /entities/by-uid/{uid}`."""
    scope = Scope.declared(ask.viewer)
    found = paths.column(scope.table, paths.UID).bits(uid) & scope.seen
    for at in positions_of(found):
        return Answer(200, texts(scope, [at])[0].encode(), (JSON,))
    raise NotFoundError(f"No entity with uid {uid[:100]}")


def by_refs(ask: Ask) -> Answer:
    """`POST /entities/by-refs`: in the order of the request, null for what is none."""
    body, scope = body_of(ask), Scope.declared(ask.viewer)
    if "entityRefs" not in body:
        raise InputError("request/body must have required property 'entityRefs'")
    wanted = texts_of(body["entityRefs"], "entityRefs")
    if len(wanted) > _MOST_REFS:
        raise InputError(f"At most {_MOST_REFS} references: there are {len(wanted)}")
    within = filters.matching(scope, filters.parse(ask.all("filter")))
    if body.get("query"):
        within &= predicate(filters.Entities(scope), body["query"])
    places = [_place(scope, within, ref) for ref in wanted]
    positions = list(dict.fromkeys(at for at in places if at is not None))
    found = dict(zip(positions, texts(scope, positions), strict=True))
    fields = texts_of(body.get("fields") or [], "fields")
    if fields:
        found = {at: projected(text, fields) for at, text in found.items()}
    items = ["null" if at is None else found[at] for at in places]
    return Answer(200, f'{{"items":[{",".join(items)}]}}'.encode(), (JSON,))


def _place(scope: Scope, within: int, ref: str) -> int | None:
    at = scope.table.at_ref(ref.lower())
    return at if at is not None and within >> at & 1 else None


def ancestry(ask: Ask, kind: str, namespace: str, name: str) -> Answer:
    """`GET …/ancestry`: an entity here comes from its source and from nothing else."""
    scope = Scope.declared(ask.viewer)
    at = named(scope, kind, namespace, name)
    if at is None:
        raise _missing(kind, namespace, name)
    root = json.dumps(scope.table.refs[at])
    item = f'{{"entity":{texts(scope, [at])[0]},"parentEntityRefs":[]}}'
    body = f'{{"rootEntityRef":{root},"items":[{item}]}}'
    return Answer(200, body.encode(), (JSON,))
