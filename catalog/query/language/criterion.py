"""Criteria: what can be asked for in a query. A new one is one registration.

A room makes a Criterion and calls `register` when its app is ready; the help page, the
completion and every door that takes queries know it from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth

NONE, ANY = "none", "any"
EQUAL = (":", "!=")
ORDERED = (":", "!=", ">", ">=", "<", "<=")


@dataclass(frozen=True)
class Criterion:
    """One field of the language.

    `find` gives what is true of whom, and raises Wrong for a value that cannot be;
    `!=` never reaches it. `choices` are values with the number of those that have it,
    of what the asker sees. With `is_open` it is the beginning of names: `label.`.
    """

    name: str
    title: str
    help: str
    find: Callable[[Scope, Clause], Truth]
    examples: tuple[str, ...]
    operators: tuple[str, ...] = EQUAL
    choices: Callable[[Scope], Mapping[str, int]] | None = None
    group: str = "Declared"
    is_open: bool = False


CRITERIA: dict[str, Criterion] = {}


def register(new: Criterion) -> None:
    """Add a criterion. Raises ValueError when its name is taken."""
    if new.name.lower() in CRITERIA:
        raise ValueError(f"There is a criterion {new.name!r} already.")
    CRITERIA[new.name.lower()] = new


def named(field: str) -> Criterion | None:
    """The criterion of a field as it was typed."""
    found = CRITERIA.get(field.lower())
    if found is not None and not found.is_open:
        return found
    start, dot, rest = field.lower().partition(".")
    opened = CRITERIA.get(f"{start}.") if dot and rest else None
    return opened if opened and opened.is_open else None
