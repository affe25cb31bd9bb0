"""What can be asked in a query, from the criteria that are registered."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.query.language.criteria.conditions import IS, Condition
from catalog.query.language.criterion import Criterion
from catalog.query.language.known import all_criteria

_ORDER = ("Declared", "Observed", "Conditions", "Ages", "Relations")


@dataclass(frozen=True)
class Group:
    """Some criteria under one heading."""

    title: str
    criteria: list[Criterion]

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        return self.title.lower()


def groups() -> list[Group]:
    """All criteria, by what they are about."""
    every = all_criteria()
    titles = [*_ORDER, *sorted({one.group for one in every} - set(_ORDER))]
    found = [Group(title, [c for c in every if c.group == title]) for title in titles]
    return [group for group in found if group.criteria]


def conditions() -> list[Condition]:
    """What may stand after `is:`."""
    return list(IS.values())
