"""Entities as Backstage serves them: the stored text, its ETag, and relations.

What nobody may see is not in the relations either: an edge shows where the document
that declares it is seen.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.entities import hot
from catalog.kind import relation_pairs
from catalog.query.language.scope import Scope

_MOST_KEPT = 3000
Edge = tuple[str, str, int]


@dataclass(frozen=True)
class Relations:
    """The edges of one entity: as text for who sees all of them, and one by one."""

    text: str
    edges: tuple[Edge, ...]

    def shown(self, seen: str) -> str:
        """The text for a viewer, whose sight is given as digits by position."""
        hidden = [edge for edge in self.edges if seen[edge[2]] != "1"]
        if not hidden:
            return self.text
        return _as_text([edge for edge in self.edges if edge not in hidden])


def texts(scope: Scope, positions: Sequence[int]) -> list[str]:
    """The entities at some positions, as JSON. Two statements."""
    table = scope.table
    rows = hot.documents([table.keys[at] for at in positions])
    kept = [at for at in positions if table.keys[at] in rows]
    known = _relations(scope, kept)
    sees_all = scope.seen == table.everything
    seen = "" if sees_all else table.digits(scope.seen)
    found = []
    for at in kept:
        final, etag = rows[table.keys[at]]
        edges = known[at]
        shown = edges.text if sees_all else edges.shown(seen)
        found.append(_joined(final, etag, shown))
    return found


def _joined(final: str, etag: str, relations: str) -> str:
    # The first unique id is the catalog's own: see catalog.sources.rows.
    before, uid, after = final.partition('"uid":"')
    return f'{before}"etag":"{etag}",{uid}{after[:-1]},"relations":{relations}}}'


def _relations(scope: Scope, positions: Sequence[int]) -> dict[int, Relations]:
    """The relations of entities, kept as long as the table of columns."""
    table = scope.table
    kept: dict[int, Relations] = table.keep("backstage-relations", dict)
    missing = [at for at in positions if at not in kept]
    found = {at: kept[at] for at in positions if at in kept}
    if missing:
        made = _read(scope, missing)
        if len(kept) > _MOST_KEPT:
            kept.clear()
        kept.update(made)
        found.update(made)
    return found


def _read(scope: Scope, positions: Sequence[int]) -> dict[int, Relations]:
    table, pairs = scope.table, relation_pairs()
    wanted = {table.refs[at]: at for at in positions}
    edges: dict[int, set[Edge]] = defaultdict(set)
    for source, type_, target, by in hot.edges(list(wanted)):
        declared = table.position.get(by)
        if declared is None:
            continue
        if source in wanted:
            edges[wanted[source]].add((type_, target, declared))
        if target in wanted:
            inverse = pairs.get(type_, type_)
            edges[wanted[target]].add((inverse, source, declared))
    return {at: _sorted(edges[at]) for at in positions}


def _sorted(edges: Iterable[Edge]) -> Relations:
    order = tuple(sorted(edges))
    return Relations(_as_text(order), order)


def _as_text(edges: Iterable[Edge]) -> str:
    # Two documents may say the same.
    once = dict.fromkeys((type_, target) for type_, target, _ in edges)
    shown = [{"type": type_, "targetRef": target} for type_, target in once]
    return json.dumps(shown, separators=(",", ":"))


def projected(text: str, fields: Sequence[str]) -> str:
    """Only some fields of an entity, named by their paths."""
    data = json.loads(text)
    found: dict[str, Any] = {}
    for path in fields:
        _copy(data, found, path)
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


def _copy(data: Any, into: dict[str, Any], path: str) -> None:
    """Copy what stands at a path; keys may hold dots themselves."""
    if not isinstance(data, dict):
        return
    if path in data:
        into[path] = data[path]
        return
    for key, inner in data.items():
        if path.startswith(f"{key}.") and isinstance(inner, dict):
            below = into.setdefault(key, {})
            _copy(inner, below, path[len(key) + 1 :])
            if not below:
                del into[key]
