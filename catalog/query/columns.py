"""The catalog as columns of bits: facets and counts in microseconds.

Every value of every field is one integer with a bit per entity, in the order of their
titles. Counting a facet is an AND and a bit count. Built anew when the generation
moves; a few megabytes for ten thousand entities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, TypeVar

from catalog.entities import ceilings, findings, generation
from catalog.entities.models import Attribute, Audience, Entity
from catalog.entities.viewer import Viewer
from catalog.query.fields import FIELDS, Field

V = TypeVar("V")
# Where the named fields begin in a row.
_FIRST = 8
SORTS = ("title", "kind", "type", "owner", "lifecycle", "changed", "status")
_STORED = SORTS[1:5]


@dataclass
class Columns:
    """All entities, by position. `bits[field][value]` is the set of positions."""

    keys: list[int] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    by_ref: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)
    bits: dict[str, dict[str, int]] = field(default_factory=dict)
    audiences: dict[str, int] = field(default_factory=dict)
    principals: dict[str, int] = field(default_factory=dict)
    closed: list[tuple[frozenset[str], int]] = field(default_factory=list)
    orphans: int = 0
    ranks: dict[str, list[int]] = field(default_factory=dict)
    _kept: dict[Hashable, Any] = field(default_factory=dict)

    def keep(self, key: Hashable, make: Callable[[], V]) -> V:
        """What rests on the positions of this table, made once while it lasts."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: V = self._kept[key]
        return kept

    @property
    def everything(self) -> int:
        """All positions."""
        return (1 << len(self.keys)) - 1

    def visible_to(self, viewer: Viewer) -> int:
        """The positions that Entity.objects.visible_to would give."""
        if viewer.sees_all:
            return self.everything
        seen = 0
        for audience in viewer.audiences:
            seen |= self.audiences.get(audience, 0)
        for principal in viewer.principals & self.principals.keys():
            seen |= self.principals[principal]
        for allowed, positions in self.closed:
            if allowed.isdisjoint(viewer.principals):
                seen &= ~positions
        return seen

    def at_ref(self, ref: str) -> int | None:
        """The position of a reference."""
        return self.by_ref.get(ref)

    def set_of(self, keys: Iterable[int]) -> int:
        """The positions of these entity keys; unknown ones are left out."""
        position, size = self.position, len(self.keys)
        # What is not known falls on a place behind the last, which is cut off.
        row = bytearray(b"0") * (size + 1)
        for key in keys:
            row[~position.get(key, size)] = 49
        return int(row[1:] or b"0", 2)

    def union(self, name: str, values: Iterable[str]) -> int:
        """The positions with any of these values."""
        column = self.bits[name]
        found = 0
        for value in values:
            found |= column.get(value, 0)
        return found

    def unowned(self, seen: int) -> int:
        """The positions whose owner is none of `seen`, where an owner is needed."""
        found = 0
        for owner, bits in self.bits["owner"].items():
            at = self.by_ref.get(owner)
            if at is None or not seen >> at & 1:
                found |= bits
        return found & ~self.union("kind", findings.NEED_NO_OWNER)

    def page(self, found: int, sort: str, start: int, size: int) -> list[int]:
        """Entity keys of one page, sorted by one of SORTS; `-` before it reverses."""
        name = sort.removeprefix("-")
        if sort == "title":
            positions = list(islice(positions_of(found), start, start + size))
        else:
            positions = list(positions_of(found))
            if name != "title":
                positions.sort(key=self.ranks[name].__getitem__)
            if sort.startswith("-"):
                positions.reverse()
            positions = positions[start : start + size]
        return [self.keys[at] for at in positions]


_CACHE: generation.Cache[Columns] = generation.Cache(limit=1)


def current() -> Columns:
    """The columns of the present generation, with what moves without it."""
    table = _CACHE.get("columns", _build)
    moving = [named for named in FIELDS.values() if named.live]
    if not moving:
        return table
    found = {named.key: _moving(table, named) for named in moving}
    bits = {key: one.column for key, one in found.items()}
    ranks = {key: one.ranks for key, one in found.items()}
    return replace(table, bits={**table.bits, **bits}, ranks={**table.ranks, **ranks})


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
    column = _column(pairs, len(table.keys))
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
    held = ((value, bits & found) for value, bits in table.bits[name].items() if value)
    for value, bits in sorted(one for one in held if one[1]):
        for at in positions_of(bits):
            values.setdefault(table.keys[at], []).append(value)
    return values


def positions_of(bits: int) -> Iterator[int]:
    """The positions in a set, lowest first."""
    digits = bin(bits)[:1:-1]
    at = digits.find("1")
    while at != -1:
        yield at
        at = digits.find("1", at + 1)


def as_bits(positions: Iterable[int], size: int) -> int:
    """A set of positions as an integer."""
    row = bytearray(size // 8 + 1)
    for at in positions:
        row[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(row, "little")


def _build() -> Columns:
    named = [f for f in FIELDS.values() if f.column]
    rows = list(
        Entity.objects.values_list(
            "pk",
            "ref",
            "title",
            "name",
            "audience",
            "orphan_since",
            "changed_at",
            "source_id",
            *(f.column for f in named),
        )
    )
    rows.sort(key=lambda row: ((row[2] or row[3]).casefold(), row[1]))
    columns = Columns(
        keys=[row[0] for row in rows],
        refs=[row[1] for row in rows],
        by_ref={row[1]: at for at, row in enumerate(rows)},
        titles={row[1]: row[2] or row[3] for row in rows},
        position={row[0]: at for at, row in enumerate(rows)},
    )
    size = len(rows)
    for offset, named_field in enumerate(named):
        values = (row[_FIRST + offset] for row in rows)
        columns.bits[named_field.key] = _column(enumerate(values), size)
    columns.audiences = _column(((at, row[4]) for at, row in enumerate(rows)), size)
    columns.orphans = as_bits((at for at, row in enumerate(rows) if row[5]), size)
    _add_ranks(columns, rows, [f.key for f in named])
    _add_many_valued(columns)
    by_source = _column(enumerate(row[7] for row in rows), size)
    columns.closed = [
        (who, by_source.get(pk, 0)) for pk, who in ceilings.allowed().items()
    ]
    _spare_the_undecided(columns)
    return columns


def _spare_the_undecided(columns: Columns) -> None:
    """Nobody has to decide an owner or a tier for what needs no owner."""
    spared = columns.union("kind", findings.NEED_NO_OWNER)
    for named in FIELDS.values():
        column = columns.bits.get(named.key, {})
        if named.empty and "" in column:
            column[""] &= ~spared


def _column(pairs: Iterable[tuple[int, V]], size: int) -> dict[V, int]:
    positions: dict[V, list[int]] = defaultdict(list)
    for at, value in pairs:
        positions[value].append(at)
    return {value: as_bits(found, size) for value, found in positions.items()}


def _add_many_valued(columns: Columns) -> None:
    size, position = len(columns.keys), columns.position
    for many in (f for f in FIELDS.values() if f.attribute):
        rows = Attribute.objects.filter(key=many.attribute)
        pairs = rows.values_list("entity_id", "value")
        columns.bits[many.key] = _column(
            ((position[key], value) for key, value in pairs if key in position), size
        )
    named_by = Audience.objects.values_list("entity_id", "principal")
    restricted = columns.audiences.get(Entity.RESTRICTED, 0)
    named = _column(
        ((position[key], who) for key, who in named_by if key in position), size
    )
    columns.principals = {who: found & restricted for who, found in named.items()}


def _add_ranks(
    columns: Columns, rows: list[tuple[object, ...]], keys: list[str]
) -> None:
    """For each way to sort, the rank of every position; what is empty goes last."""
    for name in _STORED:
        offset = _FIRST + keys.index(name)
        values = [_sort_key(str(row[offset])) for row in rows]
        columns.ranks[name] = _ranks(values)
    columns.ranks["changed"] = _ranks([row[6] for row in rows])


def _sort_key(value: str) -> tuple[bool, str]:
    """A reference counts by its name: the title of a hidden one must not show in the
    order."""
    return (not value, value.rpartition("/")[2].casefold())


def _ranks(values: Sequence[object]) -> list[int]:
    order = {value: at for at, value in enumerate(sorted(set(values)))}  # type: ignore[type-var]
    return [order[value] for value in values]
