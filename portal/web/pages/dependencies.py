"""What an entity needs, and what needs it, through any number of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import graph
from catalog.entities.graph import Step
from catalog.entities.models import Entity
from portal.web import entity_head
from portal.web.subject import Subject, of_entity

SHOWN = 40


@dataclass(frozen=True)
class Reach:
    """One direction of the walk: levels with the steps that are shown."""

    steps: list[Step]
    levels: list[tuple[int, int, list[Step]]]
    hidden: int

    @property
    def entities(self) -> list[Entity]:
        """What was reached and can be shown."""
        return [step.entity for step in self.steps if step.entity is not None]

    @property
    def owners(self) -> int:
        """How many groups and people answer for it."""
        return len({entity.owner for entity in self.entities if entity.owner})


@require_safe
@of_entity
def dependencies(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Two columns, level by level, and what an outage would touch."""
    shown = None if "all" in request.GET else SHOWN
    ref, viewer = subject.entity.ref, subject.viewer
    needs = reach(graph.walk(ref, viewer, down=True), shown)
    needed_by = reach(graph.walk(ref, viewer, down=False), shown)
    context = entity_head.context(
        subject,
        "entity-dependencies",
        needs=needs,
        needed_by=needed_by,
        labels=labels(subject.entity, [*needs.steps, *needed_by.steps]),
    )
    return render(request, "pages/entity_dependencies.html", context)


def reach(steps: Sequence[Step], shown: int | None) -> Reach:
    """The steps by level; no more than `shown` of them are listed, nearest first."""
    listed = steps if shown is None else steps[:shown]
    totals = {
        level: len(list(group)) for level, group in groupby(steps, lambda s: s.depth)
    }
    levels = [
        (level, totals[level], sorted(group, key=_title))
        for level, group in groupby(listed, lambda step: step.depth)
    ]
    return Reach(list(steps), levels, len(steps) - len(listed))


def _title(step: Step) -> tuple[bool, str]:
    """What can be shown first, by its title."""
    entity = step.entity
    return entity is None, (entity.label if entity else step.ref).casefold()


def labels(start: Entity, steps: Sequence[Step]) -> dict[str, str]:
    """The titles of what a step came from."""
    found = {step.ref: step.entity.label for step in steps if step.entity is not None}
    return {**found, start.ref: start.label}
