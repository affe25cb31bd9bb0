"""What changed in the whole catalog since a moment, as far as a viewer may read it.

The rule is that of catalog.entities.past: of an entity a viewer reads what happened
since it was last hidden from them, and removals only who sees all. Entries are of a
type, so that what other tools report (deployments, driver updates) can stand beside
revisions later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Min, Q, QuerySet

from catalog.entities import past
from catalog.entities.models import Identity, Revision
from catalog.entities.viewer import Viewer

PAGE = 40
_FIELDS = ("at", "door", "source_name", "author_name", "commit", "reason")


@dataclass(frozen=True)
class Asked:
    """What is asked for. Empty fields narrow nothing."""

    since: datetime | None = None
    until: datetime | None = None
    action: str = ""
    kind: str = ""
    source: str = ""
    who: str = ""
    name: str = ""
    before: int = 0


@dataclass(frozen=True)
class Entry:
    """One thing that happened to one entity. `title` is empty once it is removed."""

    pk: int
    action: str
    ref: str
    title: str
    kind: str
    type: str


@dataclass
class Step:
    """All that one import or one person did at one moment."""

    at: datetime
    door: str
    source_name: str
    author_name: str
    commit: str
    reason: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many entities, by what happened."""
        found: dict[str, int] = {}
        for entry in self.entries:
            found[entry.action] = found.get(entry.action, 0) + 1
        return found


@dataclass
class Listing:
    """One page of steps, newest first. `older` is the next page's `before`, or 0;
    `beyond` leads past the rest of a step that goes on there."""

    steps: list[Step]
    older: int = 0
    beyond: int = 0


def listed(viewer: Viewer, asked: Asked) -> Listing:
    """The newest changes that the viewer may read. One query, or two."""
    rows = _rows(viewer, asked)
    before = rows.filter(pk__lt=asked.before) if asked.before else rows
    found = list(before[: PAGE + 1])
    steps = _steps(found[:PAGE])
    listing = Listing(steps, older=found[PAGE - 1].pk if len(found) > PAGE else 0)
    if listing.older and len(steps[-1].entries) > PAGE // 2:
        listing.beyond = _first_of(rows, steps[-1])
    return listing


def _rows(viewer: Viewer, asked: Asked) -> QuerySet[Revision]:
    rows = past.of_all(viewer).select_related("identity", "identity__entity")
    # Texts are long, and are asked for one by one.
    long = ("text", "document", "final")
    rows = rows.defer("text", *(f"identity__entity__{name}" for name in long))
    return rows.filter(_wanted(asked)).order_by("-id")


def _wanted(asked: Asked) -> Q:
    wanted = Q()
    if asked.since:
        wanted &= Q(at__gte=asked.since)
    if asked.until:
        wanted &= Q(at__lt=asked.until)
    if asked.action:
        wanted &= Q(action=asked.action)
    if asked.kind:
        wanted &= _once(Q(ref__startswith=f"{asked.kind.lower()}:"))
    if asked.source:
        wanted &= Q(source_name=asked.source)
    if asked.who:
        wanted &= Q(author_name__iexact=asked.who) | Q(door__iexact=asked.who)
    if asked.name:
        there = Q(entity__title__icontains=asked.name)
        there |= Q(entity__name__icontains=asked.name)
        gone = Q(entity=None, ref__contains=asked.name.lower())
        wanted &= _once(there | gone)
    return wanted


def _once(which: Q) -> Q:
    """Identities, looked for once and not beside each of the changes."""
    return Q(identity__in=Identity.objects.filter(which))


def _steps(rows: list[Revision]) -> list[Step]:
    steps: list[Step] = []
    last: tuple[Any, ...] = ()
    for row in rows:
        now = tuple(getattr(row, name) for name in _FIELDS)
        if now != last:
            steps.append(Step(*now))
            last = now
        steps[-1].entries.append(_entry(row))
    return steps


def _entry(row: Revision) -> Entry:
    entity = getattr(row.identity, "entity", None)
    kind = row.identity.ref.partition(":")[0]
    return Entry(
        pk=row.pk,
        action=row.action,
        ref=row.identity.ref,
        title=entity.label if entity else "",
        kind=entity.kind if entity else kind.title(),
        type=entity.type if entity else "",
    )


def _first_of(rows: QuerySet[Revision], step: Step) -> int:
    same = rows.filter(**{name: getattr(step, name) for name in _FIELDS})
    first: int = same.order_by().aggregate(first=Min("pk"))["first"] or 0
    return first if first < step.entries[-1].pk else 0
