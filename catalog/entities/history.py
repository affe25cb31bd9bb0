"""What changed, when, by whom: revisions, their differences, and the recent ones."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from django.db.models import QuerySet

from catalog.entities import past
from catalog.entities.models import Entity, Revision
from catalog.entities.viewer import Viewer

_WINDOW = 400
# Comparing takes the square of the number of lines, and a page compares many texts.
_MOST_LINES = 20_000
_TOO_LONG = "The texts are too long to be compared line by line."


@dataclass(frozen=True)
class DiffLine:
    """One line of a difference. `kind` is `+`, `-`, `@` (a jump) or a space."""

    kind: str
    text: str


def revisions(entity: Entity, limit: int = 50) -> QuerySet[Revision]:
    """The newest revisions of an entity first."""
    rows = Revision.objects.filter(identity_id=entity.pk).select_related("author")
    return rows.order_by("-id")[:limit]


def previous(revision: Revision) -> Revision | None:
    """The revision before this one."""
    rows = Revision.objects.filter(identity_id=revision.identity_id)
    return rows.filter(pk__lt=revision.pk).order_by("-id").first()


def diff(revision: Revision) -> list[DiffLine]:
    """What this revision changed in the text, against the one before."""
    before = previous(revision)
    return difference(before.text if before else "", revision.text)


def difference(before: str, after: str) -> list[DiffLine]:
    """Two texts compared line by line, with three lines around each change."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > _MOST_LINES:
        return [DiffLine("@", _TOO_LONG)] if before != after else []
    lines = difflib.unified_diff(old, new, lineterm="", n=3)
    return [
        DiffLine(line[0], line if line[0] == "@" else line[1:])
        for line in list(lines)[2:]
    ]


def recent(viewer: Viewer, limit: int = 10) -> QuerySet[Revision]:
    """The newest changes of all entities that the viewer may read."""
    rows = past.of_all(viewer)
    rows = rows.select_related("identity", "identity__entity", "author")
    return rows.order_by("-id")[:limit]


@dataclass
class Change:
    """All that one import or one person did in one step.

    `entries` are (reference, title; empty once removed), by action.
    """

    at: datetime
    door: str
    source_name: str
    author_name: str
    entries: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    has_more: bool = False


def changes(viewer: Viewer, limit: int = 8) -> list[Change]:
    """The newest changes, those of one step taken together. One query."""
    rows = recent(viewer, _WINDOW).values_list(
        "at",
        "door",
        "source_name",
        "author_name",
        "action",
        "identity__ref",
        "identity__entity__title",
        "identity__entity__name",
    )
    listed = list(rows)
    found = []
    for step, group in groupby(listed, key=lambda row: row[:4]):
        change = Change(*step)
        for *_, action, ref, title, name in group:
            change.entries.setdefault(action, []).append((ref, title or name or ""))
        found.append(change)
    if found and len(listed) == _WINDOW:
        found[-1].has_more = True
    return found[:limit]
