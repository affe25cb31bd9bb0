"""Filters: from what a client sends to a set of entities.

`filter=a=1,b=2` are conditions that all hold, several values of a key are alternatives,
a key alone asks whether it is there, and several `filter=` are alternatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.query import paths
from catalog.query.columns import as_bits
from catalog.query.language.criteria.edges import edges, relation_names
from catalog.query.language.scope import Scope
from portal.api.backstage.errors import InputError
from portal.api.backstage.predicates import listed, plain

_RELATIONS = "relations."
_MOST, _MOST_KEPT = 200, 40
# Values of one key; None alone asks whether it is there.
Conditions = Mapping[str, Sequence[str] | None]


def parse(texts: Sequence[str]) -> list[Conditions]:
    """The alternatives of a request. Raises InputError."""
    if len(texts) > _MOST:
        raise InputError(f"Too many filters: {len(texts)}, and {_MOST} are the most")
    return [_parsed(text) for text in texts]


def _parsed(text: str) -> Conditions:
    found: dict[str, list[str] | None] = {}
    for statement in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (part.strip() for part in statement.partition("="))
        if not key:
            said = f"Invalid filter, '{statement}' is not a valid statement"
            raise InputError(f"{said} (expected a string on the form a=b or a= or a)")
        values = found.setdefault(key, None)
        if equals:
            found[key] = [*(values or []), value]
    return found


@dataclass(frozen=True)
class Entities:
    """What one viewer sees of the catalog, for filters and predicates."""

    scope: Scope

    @property
    def seen(self) -> int:
        """Everything that the viewer sees."""
        return self.scope.seen

    def has(self, key: str, value: str) -> int:
        """Who has a value at a path, or a relation to it."""
        if is_relation(key):
            return relation_column(self.scope, key).get(value.lower(), 0)
        return paths.column(self.scope.table, key).bits(value) & self.seen

    def having(self, key: str) -> int:
        """Who has a path, or a relation of this name."""
        if is_relation(key):
            return _union(relation_column(self.scope, key).values())
        return paths.column(self.scope.table, key).having & self.seen

    def begins(self, key: str, start: str) -> int:
        """Who has a value that begins so."""
        if is_relation(key):
            column = relation_column(self.scope, key)
            return _union(b for end, b in column.items() if end.startswith(start))
        found = paths.column(self.scope.table, key)
        fitting = (v for v in found.spellings if v.startswith(start))
        return _union(found.bits(value) for value in fitting) & self.seen

    def holds(self, key: str, value: Any) -> int:
        """Who has a value in a list, or a relation as `{type, targetRef}`."""
        if key != "relations" or not isinstance(value, dict):
            return self.has(key, plain(value))
        name, target = plain(value.get("type")), value.get("targetRef")
        if target is None:
            return self.having(f"{_RELATIONS}{name}")
        ends = target.get("$in") if isinstance(target, dict) else [target]
        wanted = (plain(end) for end in listed(ends, "$in"))
        return _union(self.has(f"{_RELATIONS}{name}", end) for end in wanted)


def matching(scope: Scope, alternatives: Sequence[Conditions]) -> int:
    """Who fits one of the alternatives; everybody where there is none."""
    wanted = [one for one in alternatives if one]
    if not wanted:
        return scope.seen
    entities = Entities(scope)
    found = 0
    for conditions in wanted:
        fits = scope.seen
        for key, values in conditions.items():
            having = values is None
            fits &= entities.having(key) if having else any_of(scope, key, values or ())
        found |= fits
    return found


def any_of(scope: Scope, key: str, values: Sequence[str]) -> int:
    """Who has one of several values at a key."""
    entities = Entities(scope)
    return _union(entities.has(key, value) for value in values)


def is_relation(key: str) -> bool:
    """Does a key name a relation instead of a path?"""
    return key.lower().startswith(_RELATIONS)


def _union(sets: Iterable[int]) -> int:
    found = 0
    for bits in sets:
        found |= bits
    return found


def relation_column(scope: Scope, key: str) -> dict[str, int]:
    """Who has a relation of a name, by the reference at its other end; kept for those
    who see the same."""
    wanted = key[len(_RELATIONS) :].lower()
    name = next((one for one in relation_names() if one.lower() == wanted), "")
    if not name:
        return {}
    kept: dict[tuple[str, int], dict[str, int]] = scope.table.keep("relations", dict)
    known = name, scope.seen
    if known not in kept:
        if len(kept) > _MOST_KEPT:
            kept.clear()
        kept[known] = _relation_column(scope, name)
    return kept[known]


def _relation_column(scope: Scope, name: str) -> dict[str, int]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, far in edges(scope, name):
        found[far].append(at)
    size = len(scope.table.keys)
    return {far: as_bits(places, size) for far, places in found.items()}
