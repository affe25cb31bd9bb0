"""What a query is asked of: the columns, and whoever asks. Nothing hidden is in it.

Sets of entities are integers with a bit per position of the columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from catalog.entities.viewer import Viewer
from catalog.query.columns import Columns, current


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
    """One asking. `ranked` keeps the order that full text gave, by its words."""

    table: Columns
    viewer: Viewer
    seen: int
    text: str = ""
    now: datetime = field(default_factory=timezone.now)
    ranked: dict[str, list[int]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @classmethod
    def of(cls, viewer: Viewer) -> Scope:
        """What this viewer may see now."""
        table = current()
        return cls(table, viewer, table.visible_to(viewer))

    def sees(self, ref: str) -> bool:
        """Is this reference that of an entity that the viewer may see?"""
        at = self.table.at_ref(ref)
        return at is not None and bool(self.seen >> at & 1)

    def at_keys(self, keys: Iterable[int]) -> int:
        """The positions of entity keys, of those that are seen."""
        return self.table.set_of(keys) & self.seen

    def counted(self, column: dict[str, int]) -> dict[str, int]:
        """How many of those that are seen have each value; without those of none."""
        found = {
            value: (bits & self.seen).bit_count() for value, bits in column.items()
        }
        return {value: number for value, number in found.items() if number}
