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
from catalog.query.columns import Columns
from catalog.query.language.scope import Scope

_MOST_KEPT = 1000
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


@dataclass(frozen=True)
class Known:
    """An entity as it is stored, cut where its relations go."""

    before: str
    relations: Relations


def texts(scope: Scope, positions: Sequence[int]) -> list[str]:
    """The entities at some positions, as JSON. Two statements for those that were not
    asked for lately."""
    known = _known(scope.table, positions)
    sees_all = scope.seen == scope.table.everything
    seen = "" if sees_all else scope.table.digits(scope.seen)
    found = []
    for at in positions:
        if one := known.get(at):
            edges = one.relations
            shown = edges.text if sees_all else edges.shown(seen)
            found.append(f"{one.before}{shown}}}")
    return found


def _known(table: Columns, positions: Sequence[int]) -> dict[int, Known]:
    """Entities, of which some are kept as long as the table of columns."""
    kept: dict[int, Known] = table.keep("backstage", dict)
    found = {at: one for at in positions if (one := kept.get(at))}
    missing = [at for at in positions if at not in found]
    if missing:
        made = _made(table, missing)
        found |= made
        # One long list is not asked again soon, and would push out all others.
        if len(made) <= _MOST_KEPT // 4:
            if len(kept) > _MOST_KEPT:
                kept.clear()
            kept |= made
    return found


def _made(table: Columns, positions: Sequence[int]) -> dict[int, Known]:
    rows = hot.documents([table.keys[at] for at in positions])
    relations = _relations(table, positions)
    return {
        at: Known(_before(*row), relations[at])
        for at in positions
        if (row := rows.get(table.keys[at]))
    }


def _before(final: str, etag: str) -> str:
    # The first unique id is the catalog's own: see catalog.sources.rows.
    before, uid, after = final.partition('"uid":"')
    return f'{before}"etag":"{etag}",{uid}{after[:-1]},"relations":'


def _relations(table: Columns, positions: Sequence[int]) -> dict[int, Relations]:
    pairs = relation_pairs()
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
