"""Predicates such as `{"$any": [{"kind": "API"}, …]}`: to sets of what is asked for.

Sets are integers with a bit for each thing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from portal.api.backstage.errors import InputError

_MOST, _DEEPEST = 200, 20


class Things(Protocol):
    """What a predicate chooses from."""

    @property
    def seen(self) -> int:
        """All of them."""

    def has(self, key: str, value: str) -> int:
        """Those with a value at a key, in whatever case."""

    def having(self, key: str) -> int:
        """Those that have a key at all."""

    def begins(self, key: str, start: str) -> int:
        """Those with a value that begins so."""

    def holds(self, key: str, value: Any) -> int:
        """Those with something in a list."""


def predicate(things: Things, query: Any, depth: int = 0) -> int:
    """Those that fit. Raises InputError."""
    if not isinstance(query, dict) or depth > _DEEPEST:
        raise InputError("Invalid query: expected an object")
    found = things.seen
    for key, wanted in query.items():
        if key in _LOGIC:
            found &= _LOGIC[key](things, wanted, depth + 1)
        elif key.startswith("$"):
            raise InputError(f"Invalid query: unknown operator '{key[:100]}'")
        else:
            found &= _compared(things, key, wanted)
    return found


def _all_of(things: Things, parts: Any, depth: int) -> int:
    found = things.seen
    for part in listed(parts, "$all"):
        found &= predicate(things, part, depth)
    return found


def _any_of(things: Things, parts: Any, depth: int) -> int:
    found = 0
    for part in listed(parts, "$any"):
        found |= predicate(things, part, depth)
    return found


def _none_of(things: Things, part: Any, depth: int) -> int:
    return things.seen & ~predicate(things, part, depth)


_LOGIC: dict[str, Callable[[Things, Any, int], int]] = {
    "$all": _all_of,
    "$any": _any_of,
    "$not": _none_of,
}


def _compared(things: Things, key: str, wanted: Any) -> int:
    if not isinstance(wanted, dict):
        return things.has(key, plain(wanted))
    if len(wanted) != 1 or next(iter(wanted)) not in _OPERATORS:
        said = f"'{key[:100]}' takes a value or one of {', '.join(_OPERATORS)}"
        raise InputError(f"Invalid query: {said}")
    operator, value = next(iter(wanted.items()))
    return _OPERATORS[operator](things, key, value)


def _exists(things: Things, key: str, value: Any) -> int:
    if not isinstance(value, bool):
        raise InputError("Invalid query: $exists takes true or false")
    having = things.having(key)
    return having if value else things.seen & ~having


def _in(things: Things, key: str, value: Any) -> int:
    found = 0
    for one in listed(value, "$in"):
        found |= things.has(key, plain(one))
    return found


def _contains(things: Things, key: str, value: Any) -> int:
    return things.holds(key, value)


def _has_prefix(things: Things, key: str, value: Any) -> int:
    return things.begins(key, plain(value).lower())


_OPERATORS: dict[str, Callable[[Things, str, Any], int]] = {
    "$exists": _exists,
    "$in": _in,
    "$contains": _contains,
    "$hasPrefix": _has_prefix,
}


def listed(value: Any, operator: str) -> list[Any]:
    """A list that an operator takes. Raises InputError."""
    if not isinstance(value, list) or len(value) > _MOST:
        raise InputError(f"Invalid query: {operator} takes a list of at most {_MOST}")
    return value


def plain(value: Any) -> str:
    """A value as text. Raises InputError."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise InputError("Invalid query: expected a text, a number, true or false")
