"""The columns of the present generation, for everybody in this process.

When the generation moves they follow by what it touched, or are built anew where that
is not known or too much.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from threading import Lock
from typing import NamedTuple

from catalog.entities import generation, hot
from catalog.entities.models import Advance
from catalog.query import building, patching
from catalog.query.building import column_of
from catalog.query.fields import FIELDS, Field
from catalog.query.table import SORTS, Columns, as_bits, positions_of

__all__ = ["SORTS", "Columns", "as_bits", "current", "positions_of", "values_at"]

# How often a change that comes between two readings makes them begin again.
_TRIES = 10


class _State(NamedTuple):
    """A table, and which step of the generation it is of; a mark is not known of a
    step that is not remembered."""

    generation: int
    mark: int | None
    table: Columns


_LOCK = Lock()
_LAST: list[_State] = []


def declared() -> Columns:
    """The columns of the present generation, without what moves without it: for who
    asks for nothing that was observed."""
    return _followed(generation.current())


def current() -> Columns:
    """The columns of the present generation, with what moves without it."""
    table = declared()
    moving = [named for named in FIELDS.values() if named.live]
    if not moving:
        return table
    found = {named.key: _moving(table, named) for named in moving}
    bits = {key: one.column for key, one in found.items()}
    ranks = {key: one.ranks for key, one in found.items()}
    return replace(table, bits={**table.bits, **bits}, ranks={**table.ranks, **ranks})


def _followed(now: int) -> Columns:
    """The last table, brought to this generation or a later one."""
    for last in _LAST[:]:
        if last.generation == now:
            return last.table
    with _LOCK:
        state = _brought_up(_LAST[0] if _LAST else None, now)
        _LAST[:] = [state]
    return state.table


def _brought_up(state: _State | None, now: int) -> _State:
    """Read until nothing came between. Should that never be so, the next time mends
    it: what a later step touched is read again with that step."""
    for _ in range(_TRIES):
        if state and state.generation == now:
            break
        state = (state and _patched(state, now)) or _built()
        now = hot.generation()
    assert state is not None
    return state


def _built() -> _State:
    number = hot.generation()
    marks = {step.generation: step.mark for step in hot.steps(number)}
    return _State(number, marks.get(number), building.build())


def _patched(state: _State, now: int) -> _State | None:
    """The table after all steps since; None where it has to be built."""
    steps = hot.steps(state.generation)
    if not steps or steps[0][:2] != (state.generation, state.mark):
        # Forgotten, or rolled back: it is not known what that table was made of.
        return None
    last = steps[-1]
    if last.generation < now or last.generation - state.generation >= len(steps):
        return None
    keys = _touched(steps[1:])
    if keys is None or len(keys) > generation.MOST_TOUCHED:
        return None
    table = patching.patched(state.table, keys) if keys else state.table
    return _State(last.generation, last.mark, table) if table else None


def _touched(steps: Iterable[hot.Step]) -> set[int] | None:
    """The entities that any of these steps touched; None where that is not known."""
    keys: set[int] = set()
    for step in steps:
        if step.touched == Advance.ANY:
            return None
        keys.update(map(int, filter(None, step.touched.split(","))))
    return keys


@dataclass(frozen=True)
class _Moving:
    """A field that moves: of which table and version, its column and its ranks."""

    table: Columns
    version: Hashable
    column: dict[str, int]
    ranks: list[int]


_MOVING: dict[str, _Moving] = {}


def _moving(table: Columns, named: Field) -> _Moving:
    """The column of a field that moves, kept as long as nothing moved."""
    assert named.live is not None
    version = named.live.version()
    known = _MOVING.get(named.key)
    if known and known.table is table and known.version == version:
        return known
    position = table.position
    pairs = (
        (position[key], value)
        for key, values in named.live.values().items()
        if key in position
        for value in values
    )
    column = column_of(pairs, len(table.keys))
    made = _Moving(table, version, column, _moving_ranks(table, named, column))
    _MOVING[named.key] = made
    return made


def _moving_ranks(table: Columns, named: Field, column: dict[str, int]) -> list[int]:
    """The rank of every position, in the order of the labels; without a value last."""
    order = {value: at for at, value in enumerate(named.labels)}
    ranks = [len(order) + 1] * len(table.keys)
    for value, bits in column.items():
        for at in positions_of(bits):
            ranks[at] = order.get(value, len(order))
    return ranks


def values_at(table: Columns, name: str, found: int) -> dict[int, list[str]]:
    """The values of a field of each of these positions, by entity key, sorted."""
    values: dict[int, list[str]] = {}
    if not found:
        return values
    held = ((value, bits & found) for value, bits in table.bits[name].items() if value)
    for value, bits in sorted(one for one in held if one[1]):
        for at in positions_of(bits):
            values.setdefault(table.keys[at], []).append(value)
    return values
