"""Columns after a change of a few entities, from those before it.

Positions are in the order of titles: an entity that comes, goes or is called otherwise
moves all behind it, which is a shift of every integer. The former table stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from operator import add
from typing import Any, TypeVar

from catalog.entities import hot
from catalog.entities.models import Entity
from catalog.query import building
from catalog.query.building import AUDIENCE, CHANGED, KEY, ORPHAN, REF, SOURCE, Row
from catalog.query.fields import FIELDS
from catalog.query.table import STORED_SORTS, Columns

V = TypeVar("V")
# With more, shifting everything costs as much as building anew.
_MOST_MOVED = 80


def patched(table: Columns, keys: Collection[int]) -> Columns | None:
    """The table with these entities as they are now: changed, added or gone. None where
    it is better built anew."""
    known = {named.key for named in FIELDS.values() if named.column or named.attribute}
    if table.bits.keys() != known:
        return None
    rows = building.rows_of(keys)
    move, made = _moved(table, keys, rows)
    if len(move.gone) + len(move.come) > _MOST_MOVED:
        return None
    _fill(table, made, move, rows, keys)
    _rank(table, made, move, rows)
    return made


@dataclass(frozen=True)
class _Move:
    """What happens to positions: first `gone` are taken out, the last one first; then
    room is made at `come`, the first one first. `stays` lose what they said."""

    stays: list[int]
    gone: list[int]
    come: list[int]

    def shift(self) -> Callable[[int], int]:
        """Of a former set of positions, the new one, without what is read anew."""
        if not self.gone and not self.come:
            lost = sum(1 << at for at in self.stays)
            return lambda bits: bits & ~lost if bits & lost else bits
        lost = sum(1 << at for at in self.stays)
        gone = [(at, (1 << at) - 1) for at in self.gone]
        come = [(at, (1 << at) - 1) for at in self.come]

        def shifted(bits: int) -> int:
            if bits & lost:
                bits &= ~lost
            for at, below in gone:
                bits = bits >> at + 1 << at | bits & below
            for at, below in come:
                bits = bits >> at << at + 1 | bits & below
            return bits

        return shifted

    def in_list(self, values: Sequence[V], empty: V) -> list[V]:
        """The same for a list by position; `empty` is where room was made."""
        moved = list(values)
        for at in self.gone:
            del moved[at]
        for at in self.come:
            moved.insert(at, empty)
        return moved


def _moved(
    table: Columns, keys: Collection[int], rows: Sequence[Row]
) -> tuple[_Move, Columns]:
    """Where everybody stands now."""
    former = {key: table.position[key] for key in keys if key in table.position}
    stays = {row[KEY] for row in rows if _is_in_place(table, former, row)}
    gone = sorted((at for key, at in former.items() if key not in stays), reverse=True)
    titles, refs, numbers = table.titles.copy(), table.refs.copy(), table.keys.copy()
    for at in gone:
        del titles[refs[at]], refs[at], numbers[at]
    come = []
    fresh = (row for row in rows if row[KEY] not in stays)
    for row in sorted(fresh, key=building.order):
        at = bisect_left(
            refs, building.order(row), key=lambda ref: (titles[ref].casefold(), ref)
        )
        refs.insert(at, row[REF])
        numbers.insert(at, row[KEY])
        titles[row[REF]] = building.label(row)
        come.append(at)
    move = _Move([former[key] for key in stays], gone, come)
    if not gone and not come:
        return move, replace(table, _kept={})
    # A list, so that both name the same numbers: to make them costs most.
    positions = list(range(len(refs)))
    return move, Columns(
        keys=numbers,
        refs=refs,
        by_ref=dict(zip(refs, positions, strict=True)),
        titles=titles,
        position=dict(zip(numbers, positions, strict=True)),
    )


def _is_in_place(table: Columns, former: dict[int, int], row: Row) -> bool:
    at = former.get(row[KEY])
    if at is None or table.refs[at] != row[REF]:
        return False
    return table.titles[row[REF]] == building.label(row)


def _fill(
    table: Columns,
    made: Columns,
    move: _Move,
    rows: Sequence[Row],
    keys: Collection[int],
) -> None:
    """The sets of positions."""
    shift, position = move.shift(), made.position
    said = _said(rows, keys, position)
    made.bits = {
        name: _column(column, shift, said.get(name, ()))
        for name, column in table.bits.items()
    }
    audiences = [(position[row[KEY]], row[AUDIENCE]) for row in rows]
    made.audiences = _column(table.audiences, shift, audiences)
    sources = [(position[row[KEY]], row[SOURCE]) for row in rows]
    made.sources = _column(table.sources, shift, sources)
    made.closed = building.closed(made.sources)
    restricted = {row[KEY] for row in rows if row[AUDIENCE] == Entity.RESTRICTED}
    named_by = ((position[key], who) for key, who in hot.principals(restricted))
    made.principals = _column(table.principals, shift, named_by)
    made.orphans = shift(table.orphans)
    for row in rows:
        if row[ORPHAN]:
            made.orphans |= 1 << position[row[KEY]]


def _said(
    rows: Sequence[Row], keys: Collection[int], position: dict[int, int]
) -> dict[str, list[tuple[int, str]]]:
    """(position, value) for each field: what these entities say now."""
    said: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        kind = building.kind_of(row)
        for named, value in building.values_of(row):
            if not building.is_spared(named, value, kind):
                said[named.key].append((position[row[KEY]], value))
    fields: dict[str, list[str]] = defaultdict(list)
    for named in FIELDS.values():
        fields[named.attribute].append(named.key)
    for key, name, value in hot.attributes(keys):
        # What came between two readings has no position yet.
        if name in fields and key in position:
            for field in fields[name]:
                said[field].append((position[key], value))
    return said


def _column(
    former: dict[V, int], shift: Callable[[int], int], pairs: Iterable[tuple[int, V]]
) -> dict[V, int]:
    """A column with what is said now; values that nobody has any more are left out."""
    column = {value: shift(bits) for value, bits in former.items()}
    for at, value in pairs:
        column[value] = column.get(value, 0) | 1 << at
    return {value: bits for value, bits in column.items() if bits}


def _rank(table: Columns, made: Columns, move: _Move, rows: Sequence[Row]) -> None:
    """The ranks of every way to sort."""
    made.ranks = {}
    for name in STORED_SORTS:
        known = building.sort_keys(made.bits[name])
        said = {
            made.position[row[KEY]]: building.sort_key(value)
            for row in rows
            for named, value in building.values_of(row)
            if named.key == name
        }
        new = []
        if table.bits[name].keys() != made.bits[name].keys():
            former = building.sort_keys(table.bits[name])
            now = set(known)
            gone = [at for at, key in enumerate(former) if key not in now]
            come = [bisect_left(former, key) for key in now.difference(former)]
            new = _renumbered(len(former), gone, come)
        ranks = move.in_list(table.ranks[name], 0)
        made.ranks[name] = _ranked(ranks, new, known, said)
    _rank_moments(table, made, move, rows)


def _rank_moments(
    table: Columns, made: Columns, move: _Move, rows: Sequence[Row]
) -> None:
    """As the others, but each entity may have a moment of its own: too many to compare
    all of them."""
    former = table.ranks["changed"]
    said = {made.position[row[KEY]]: row[CHANGED] for row in rows}
    ranks = move.in_list(former, -1)
    for at in said:
        ranks[at] = -1
    gone = sorted({former[at] for at in (*move.stays, *move.gone)}.difference(ranks))
    made.moments = table.moments.copy()
    for at in reversed(gone):
        del made.moments[at]
    come = []
    for moment in sorted(set(said.values())):
        at = bisect_left(made.moments, moment)
        if made.moments[at : at + 1] != [moment]:
            made.moments.insert(at, moment)
            come.append(bisect_left(table.moments, moment))
    made.ranks["changed"] = _ranked(
        ranks, _renumbered(len(table.moments), gone, come), made.moments, said
    )


def _ranked(
    ranks: list[int], new: list[int], known: list[Any], said: dict[int, Any]
) -> list[int]:
    """Former ranks as present ones, and those of what is said now."""
    if new:
        ranks = [new[rank] for rank in ranks]
    for at, value in said.items():
        ranks[at] = bisect_left(known, value)
    return ranks


def _renumbered(size: int, gone: Collection[int], come: Iterable[int]) -> list[int]:
    """For each former rank the present one, and one more for what has no value; empty
    where they are the same. `come` are the places before which there are new values."""
    steps = [0] * (size + 1)
    for at in gone:
        steps[at + 1] -= 1
    for at in come:
        steps[at] += 1
    if not any(steps):
        return []
    return list(map(add, range(size + 1), accumulate(steps)))
