"""What a query is asked of: the columns, and whoever asks. Nothing hidden is in it.

Sets of entities are integers with a bit per position of the columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from catalog.entities.viewer import Viewer
from catalog.query import columns, fulltext, ranking
from catalog.query.columns import Columns
from catalog.query.fulltext import Found
from catalog.query.language.nodes import Node


@dataclass(frozen=True)
class Truth:
    """Of which entities something is true, and of which nobody knows."""

    yes: int
    unknown: int = 0

    @property
    def possible(self) -> int:
        """Where it is true or may be."""
        return self.yes | self.unknown

    def __and__(self, other: Truth) -> Truth:
        yes = self.yes & other.yes
        return Truth(yes, self.possible & other.possible & ~yes)

    def __or__(self, other: Truth) -> Truth:
        yes = self.yes | other.yes
        return Truth(yes, (self.possible | other.possible) & ~yes)

    def within(self, seen: int) -> Truth:
        """The same for fewer entities."""
        return Truth(self.yes & seen, self.unknown & seen & ~self.yes)

    def negated(self, seen: int) -> Truth:
        """What is not known stays not known."""
        return Truth(seen & ~self.possible, self.unknown)


@dataclass(frozen=True)
class Remark:
    """Something that the asker should know of the answer, and queries that go on."""

    text: str
    instead: tuple[tuple[str, str], ...] = ()


@dataclass
class Scope:
    """One asking. `truths` keeps what each condition gave, so that it is worked out,
    and remarked on, once."""

    table: Columns
    viewer: Viewer
    seen: int
    text: str = ""
    now: datetime = field(default_factory=timezone.now)
    truths: dict[Node, Truth] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    _ranked: dict[tuple[str, bool], Found] = field(default_factory=dict)
    _holding: dict[tuple[str, bool], int] = field(default_factory=dict)

    @classmethod
    def of(cls, viewer: Viewer) -> Scope:
        """What this viewer may see now."""
        table = columns.current()
        return cls(table, viewer, table.visible_to(viewer))

    @classmethod
    def declared(cls, viewer: Viewer) -> Scope:
        """The same, for who asks for nothing that was observed."""
        table = columns.declared()
        return cls(table, viewer, table.visible_to(viewer))

    def sees(self, ref: str) -> bool:
        """Is this reference that of an entity that the viewer may see?"""
        at = self.table.at_ref(ref)
        return at is not None and bool(self.seen >> at & 1)

    def ranked(self, text: str, *, exact: bool = False) -> Found:
        """What full text finds, in its order; asked for once."""
        key = text, exact
        if key not in self._ranked:
            self._ranked[key] = fulltext.search(text, exact=exact)
        return self._ranked[key]

    def holding(self, text: str, *, exact: bool = False) -> int:
        """The positions of those that are seen and hold these words; asked for once."""
        key = text, exact
        if key not in self._holding:
            found = self.table.set_of(self.ranked(text, exact=exact).keys)
            self._holding[key] = found & self.seen
        return self._holding[key]

    def best(self, text: str, found: int, limit: int | None = None) -> list[int]:
        """The best keys of a set for these words; all of them without a limit."""
        return ranking.best(self.table, self.ranked(text), text, found, limit)

    def at_keys(self, keys: Iterable[int]) -> int:
        """The positions of entity keys, of those that are seen."""
        return self.table.set_of(keys) & self.seen

    def counted(self, column: dict[str, int]) -> dict[str, int]:
        """How many of those that are seen have each value; without those of none."""
        found = {
            value: (bits & self.seen).bit_count() for value, bits in column.items()
        }
        return {value: number for value, number in found.items() if number}
