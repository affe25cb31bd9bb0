"""The catalog as columns of bits: facets and counts in microseconds.

Every value of every field is one integer with a bit per entity, in the order of their
titles. Counting a facet is an AND and a bit count. A few megabytes for ten thousand
entities.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

from catalog.entities import findings
from catalog.entities.viewer import Viewer

V = TypeVar("V")
SORTS = ("title", "kind", "type", "owner", "lifecycle", "changed", "status")
# Those that are columns of the entity, and fields.
STORED_SORTS = SORTS[1:5]
# Up to so many positions one by one are quicker than all of them as text.
_FEW, _LONE = 60, 12


@dataclass
class Columns:
    """All entities, by position. `bits[field][value]` is the set of positions.

    Never changed once it is made: others hold it. No set in it is empty. `moments` are
    those of the last changes, each once, in order.
    """

    keys: list[int] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    by_ref: dict[str, int] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)
    bits: dict[str, dict[str, int]] = field(default_factory=dict)
    audiences: dict[str, int] = field(default_factory=dict)
    principals: dict[str, int] = field(default_factory=dict)
    sources: dict[int, int] = field(default_factory=dict)
    closed: list[tuple[frozenset[str], int]] = field(default_factory=list)
    orphans: int = 0
    ranks: dict[str, list[int]] = field(default_factory=dict)
    moments: list[datetime] = field(default_factory=list)
    _kept: dict[Hashable, Any] = field(default_factory=dict, compare=False)

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

    def digits(self, found: int) -> str:
        """A set as text, "1" at the positions in it: for asking of many positions,
        because shifting a number of ten thousand bits copies it each time."""
        return bin(found | 1 << len(self.keys))[:2:-1]

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
        few = list(islice(keys := iter(keys), _FEW))
        if len(few) < _FEW:
            return self._set_of_few(few)
        # What is not known falls on a place behind the last, which is cut off.
        row = bytearray(b"0") * (size + 1)
        for key in chain(few, keys):
            row[~position.get(key, size)] = 49
        return int(row[1:] or b"0", 2)

    def _set_of_few(self, keys: Iterable[int]) -> int:
        found = 0
        for key in keys:
            if (at := self.position.get(key)) is not None:
                found |= 1 << at
        return found

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


def positions_of(bits: int) -> Iterator[int]:
    """The positions in a set, lowest first."""
    if bits.bit_count() < _LONE:
        while bits:
            lowest = bits & -bits
            yield lowest.bit_length() - 1
            bits ^= lowest
        return
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
