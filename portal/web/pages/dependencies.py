"""What an entity needs, and what needs it, through any number of others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import graph
from catalog.entities.graph import Step
from portal.web import entity_head
from portal.web.subject import Subject, of_entity

SHOWN = 40


@dataclass(frozen=True)
class Reach:
    """One direction of the walk: levels with the steps that are shown."""

    steps: list[Step]
    listed: list[Step]

    @property
    def levels(self) -> list[tuple[int, int, list[Step]]]:
        """(depth, how many there are, those that are listed by title)."""
        totals = Counter(step.depth for step in self.steps)
        return [
            (level, totals[level], sorted(group, key=_title))
            for level, group in groupby(self.listed, lambda step: step.depth)
        ]

    @property
    def direct(self) -> int:
        """How many are one step away; the number beside the tab is of both sides."""
        return sum(step.depth == 1 for step in self.steps)

    @property
    def hidden(self) -> int:
        """How many are not listed."""
        return len(self.steps) - len(self.listed)

    @property
    def entities(self) -> list[Step]:
        """What was reached and can be shown."""
        return [step for step in self.steps if step.exists]

    @property
    def owners(self) -> int:
        """How many groups and people answer for it."""
        return len({step.owner for step in self.entities if step.owner})


@require_safe
@of_entity
def dependencies(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Two columns, level by level, and what an outage would touch."""
    limit = None if "all" in request.GET else SHOWN
    needs = reach(subject, limit, down=True)
    needed_by = reach(subject, limit, down=False)
    context = entity_head.context(
        subject,
        "entity-dependencies",
        needs=needs,
        needed_by=needed_by,
        labels=labels(subject, [*needs.listed, *needed_by.listed]),
    )
    return render(request, "pages/entity_dependencies.html", context)


def reach(subject: Subject, limit: int | None, *, down: bool) -> Reach:
    """The walk in one direction; no more than `limit` are listed, nearest first."""
    steps = graph.walk(subject.entity.ref, subject.viewer, down=down)
    return Reach(steps, graph.shown(steps[:limit], subject.viewer))


def _title(step: Step) -> tuple[bool, str]:
    """What can be shown first, by its title."""
    entity = step.entity
    return entity is None, (entity.label if entity else step.ref).casefold()


def labels(subject: Subject, steps: Sequence[Step]) -> dict[str, str]:
    """The titles of what a step came from."""
    found = {step.ref: step.entity.label for step in steps if step.entity is not None}
    return {**found, subject.entity.ref: subject.entity.label}
