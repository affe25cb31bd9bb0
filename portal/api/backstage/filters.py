"""Filters and predicates: from what a client sends to a set of entities.

`filter=a=1,b=2` are conditions that all hold, several values of a key are alternatives,
a key alone asks whether it is there, and several `filter=` are alternatives.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from catalog.query import paths
from catalog.query.columns import as_bits
from catalog.query.language.criteria.edges import edges, relation_names
from catalog.query.language.scope import Scope
from portal.api.backstage.errors import InputError

_RELATIONS = "relations."
_MOST, _DEEPEST, _MOST_KEPT = 200, 20, 40
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


def matching(scope: Scope, alternatives: Sequence[Conditions]) -> int:
    """Who fits one of the alternatives; everybody where there is none."""
    wanted = [one for one in alternatives if one]
    if not wanted:
        return scope.seen
    found = 0
    for conditions in wanted:
        fits = scope.seen
        for key, values in conditions.items():
            fits &= (
                _having(scope, key) if values is None else any_of(scope, key, values)
            )
        found |= fits
    return found


def any_of(scope: Scope, key: str, values: Sequence[str]) -> int:
    """Who has one of several values at a key."""
    found = 0
    for value in values:
        found |= has(scope, key, value)
    return found


def has(scope: Scope, key: str, value: str) -> int:
    """Who has a value at a key."""
    if key.lower().startswith(_RELATIONS):
        return relation_column(scope, key).get(value.lower(), 0)
    return paths.column(scope.table, key).bits(value)


def _having(scope: Scope, key: str) -> int:
    if key.lower().startswith(_RELATIONS):
        found = 0
        for bits in relation_column(scope, key).values():
            found |= bits
        return found
    return paths.column(scope.table, key).having


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


def predicate(scope: Scope, query: Any, depth: int = 0) -> int:
    """Who fits a predicate such as `{"$any": [{"kind": "API"}, …]}`. Raises
    InputError."""
    if not isinstance(query, dict) or depth > _DEEPEST:
        raise InputError("Invalid query: expected an object")
    found = scope.seen
    for key, wanted in query.items():
        if key in _LOGIC:
            found &= _LOGIC[key](scope, wanted, depth + 1)
        elif key.startswith("$"):
            raise InputError(f"Invalid query: unknown operator '{key}'")
        else:
            found &= _compared(scope, key, wanted)
    return found


def _all_of(scope: Scope, parts: Any, depth: int) -> int:
    found = scope.seen
    for part in _listed(parts, "$all"):
        found &= predicate(scope, part, depth)
    return found


def _any_of(scope: Scope, parts: Any, depth: int) -> int:
    found = 0
    for part in _listed(parts, "$any"):
        found |= predicate(scope, part, depth)
    return found


def _none_of(scope: Scope, part: Any, depth: int) -> int:
    return scope.seen & ~predicate(scope, part, depth)


_LOGIC: dict[str, Callable[[Scope, Any, int], int]] = {
    "$all": _all_of,
    "$any": _any_of,
    "$not": _none_of,
}


def _compared(scope: Scope, key: str, wanted: Any) -> int:
    if not isinstance(wanted, dict):
        return has(scope, key, _plain(wanted))
    if len(wanted) != 1 or next(iter(wanted)) not in _OPERATORS:
        said = f"Invalid query: '{key}' takes one of {', '.join(_OPERATORS)}"
        raise InputError(said)
    operator, value = next(iter(wanted.items()))
    return _OPERATORS[operator](scope, key, value)


def _exists(scope: Scope, key: str, value: Any) -> int:
    if not isinstance(value, bool):
        raise InputError("Invalid query: $exists takes true or false")
    having = _having(scope, key)
    return having if value else scope.seen & ~having


def _in(scope: Scope, key: str, value: Any) -> int:
    return any_of(scope, key, [_plain(one) for one in _listed(value, "$in")])


def _contains(scope: Scope, key: str, value: Any) -> int:
    if key == "relations" and isinstance(value, dict):
        type_, target = value.get("type"), value.get("targetRef")
        column = relation_column(scope, f"{_RELATIONS}{_plain(type_)}")
        ends = column if target is None else _targets(target)
        found = 0
        for end in ends:
            found |= column.get(end.lower(), 0)
        return found
    return has(scope, key, _plain(value))


def _targets(value: Any) -> list[str]:
    if isinstance(value, dict) and set(value) == {"$in"}:
        return [_plain(one) for one in _listed(value["$in"], "$in")]
    return [_plain(value)]


def _has_prefix(scope: Scope, key: str, value: Any) -> int:
    start = _plain(value).lower()
    if key.lower().startswith(_RELATIONS):
        column = relation_column(scope, key)
        fitting = [bits for end, bits in column.items() if end.startswith(start)]
    else:
        plain = paths.column(scope.table, key)
        fitting = [plain.bits(v) for v in plain.spellings if v.startswith(start)]
    found = 0
    for bits in fitting:
        found |= bits
    return found


_OPERATORS: dict[str, Callable[[Scope, str, Any], int]] = {
    "$exists": _exists,
    "$in": _in,
    "$contains": _contains,
    "$hasPrefix": _has_prefix,
}


def _listed(value: Any, operator: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise InputError(f"Invalid query: {operator} takes a list of at most {_MOST}")
    return value


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise InputError("Invalid query: expected a text, a number, true or false")
