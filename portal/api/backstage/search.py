"""`/api/search/query`: full text, ranked, as Backstage's search plugin is asked."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from catalog.entities import hot
from catalog.query.language.scope import Scope
from portal.api.backstage import filters
from portal.api.backstage.errors import JSON, InputError
from portal.api.plain import Answer, Ask

TYPE = "software-catalog"
_SIZE, _MOST = 25, 100
# What a client filters by -> where it stands in the document.
_PATHS = {
    "kind": "kind",
    "namespace": "metadata.namespace",
    "lifecycle": "spec.lifecycle",
    "type": "spec.type",
    "componentType": "spec.type",
    "owner": "spec.owner",
}


def query(ask: Ask) -> Answer:
    """One page of results."""
    size = _number(ask.one("pageLimit"), _SIZE)
    if not 0 < size <= _MOST:
        raise InputError(f"The page limit is between 1 and {_MOST}")
    start = _cursor(ask.one("pageCursor")) * size
    scope = Scope.of(ask.viewer)
    found = _filtered(ask, scope)
    term = (ask.one("term") or "").strip()[:200]
    if term:
        found &= scope.holding(term)
        kept = scope.best(term, found, start + size + 1)[start:]
    else:
        kept = scope.table.page(found, "title", start, size + 1)
    lines = hot.lines(kept[:size])
    results = [_result(line, start + n + 1) for n, line in enumerate(lines)]
    body: dict[str, Any] = {
        "results": results,
        "numberOfResults": found.bit_count(),
    }
    if len(kept) > size:
        body["nextPageCursor"] = _written(start // size + 1)
    if start:
        body["previousPageCursor"] = _written(start // size - 1)
    return Answer(200, json.dumps(body).encode(), (JSON,))


def _filtered(ask: Ask, scope: Scope) -> int:
    types = [v for k, v in ask.pairs if k.startswith("types")]
    if types and TYPE not in types:
        return 0
    found = scope.seen
    wanted: dict[str, list[str]] = {}
    for key, value in ask.pairs:
        name = key.removeprefix("filters[").partition("]")[0]
        if key.startswith("filters[") and name in _PATHS:
            wanted.setdefault(name, []).append(value)
    for name, values in wanted.items():
        found &= filters.any_of(scope, _PATHS[name], values)
    return found


def _result(line: hot.Line, rank: int) -> dict[str, Any]:
    kind, _, rest = line.ref.partition(":")
    namespace, _, name = rest.partition("/")
    document = {
        "title": line.label,
        "text": line.description,
        "kind": line.kind,
        "namespace": namespace,
        "name": line.name,
        "componentType": line.type or "other",
        "type": line.type or "other",
        "owner": line.owner.rpartition("/")[2],
        "location": f"/catalog/{namespace}/{kind}/{name}",
        "authorization": {"resourceRef": line.ref},
    }
    return {"type": TYPE, "document": document, "rank": rank}


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InputError("The page limit is a number")
    return int(text)


def _cursor(text: str | None) -> int:
    if not text:
        return 0
    try:
        raw = base64.b64decode(text, validate=True).decode()
        return min(max(int(raw), 0), 10**6)
    except (ValueError, binascii.Error):
        raise InputError("The page cursor is none of ours") from None


def _written(page: int) -> str:
    return base64.b64encode(str(page).encode()).decode()
