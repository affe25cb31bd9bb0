"""What changed in the whole catalog since a moment, as far as a viewer may read it.

The rule is that of catalog.entities.past: of an entity a viewer reads what happened
since it was last hidden from them, and removals only who sees all. What tools report,
such as deployments, stands between the revisions by the same rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from heapq import merge
from typing import Any

from django.db.models import Min, Q, QuerySet

from catalog.entities import past
from catalog.entities.models import Event, Identity, Revision
from catalog.entities.viewer import Viewer

PAGE = 40
Row = Revision | Event
# What tools report, where others are added, changed or removed.
REPORTED = "reported"
_PLACE = re.compile(r"(\d{1,17})\.(\d{1,18})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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
    event: str = ""


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
    event: Event | None = None

    @property
    def counts(self) -> dict[str, int]:
        """How many entities, by what happened."""
        found: dict[str, int] = {}
        for entry in self.entries:
            found[entry.action] = found.get(entry.action, 0) + 1
        return found


@dataclass(frozen=True)
class Place:
    """Where a page ends: its last revision, and its last event, each as it is asked
    for with the next page."""

    before: int
    event: str


@dataclass
class Listing:
    """One page of steps, newest first. `older` is where the next page begins; `beyond`
    leads past the rest of a step that goes on there."""

    steps: list[Step]
    older: Place | None = None
    beyond: Place | None = None


def listed(viewer: Viewer, asked: Asked) -> Listing:
    """The newest changes that the viewer may read. Two queries, or three."""
    rows = _rows(viewer, asked)
    before = rows.filter(pk__lt=asked.before) if asked.before else rows
    revisions: list[Row] = list(before[: PAGE + 1])
    events: list[Row] = list(_events(viewer, asked)[: PAGE + 1])
    found = list(merge(revisions, events, key=lambda row: row.at, reverse=True))
    steps = _steps(found[:PAGE])
    if len(found) <= PAGE:
        return Listing(steps)
    older = _end(found[:PAGE], asked)
    listing = Listing(steps, older)
    first = _first_of(rows, steps[-1]) if len(steps[-1].entries) > PAGE // 2 else 0
    if first:
        listing.beyond = Place(first, older.event)
    return listing


def _end(page: list[Row], asked: Asked) -> Place:
    """Where a page ends; of what it has none of, the next begins where it began."""
    revisions = [row.pk for row in page if isinstance(row, Revision)]
    events = [_key(row) for row in page if isinstance(row, Event)]
    return Place((revisions or [asked.before])[-1], (events or [asked.event])[-1])


def _key(event: Event) -> str:
    return f"{(event.at - _EPOCH) // timedelta(microseconds=1)}.{event.pk}"


def _events(viewer: Viewer, asked: Asked) -> QuerySet[Event]:
    """Reports of tools, which come from no source."""
    if asked.source or asked.action not in ("", REPORTED):
        return Event.objects.none()
    rows = past.events(viewer).filter(_there(asked))
    if asked.who:
        rows = rows.filter(Q(author_name__iexact=asked.who) | Q(tool__iexact=asked.who))
    if place := _PLACE.fullmatch(asked.event):
        at, pk = _EPOCH + timedelta(microseconds=int(place[1])), int(place[2])
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    rows = rows.select_related("identity", "identity__entity")
    long = ("text", "document", "final")
    rows = rows.defer(*(f"identity__entity__{name}" for name in long))
    return rows.order_by("-at", "-pk")


def _rows(viewer: Viewer, asked: Asked) -> QuerySet[Revision]:
    rows = past.of_all(viewer).select_related("identity", "identity__entity")
    # Texts are long, and are asked for one by one.
    long = ("text", "document", "final")
    rows = rows.defer("text", *(f"identity__entity__{name}" for name in long))
    return rows.filter(_wanted(asked)).order_by("-id")


def _wanted(asked: Asked) -> Q:
    wanted = _there(asked)
    if asked.action:
        wanted &= Q(action=asked.action)
    if asked.source:
        wanted &= Q(source_name=asked.source)
    if asked.who:
        wanted &= Q(author_name__iexact=asked.who) | Q(door__iexact=asked.who)
    return wanted


def _there(asked: Asked) -> Q:
    """When, and to which entities."""
    wanted = Q()
    if asked.since:
        wanted &= Q(at__gte=asked.since)
    if asked.until:
        wanted &= Q(at__lt=asked.until)
    if asked.kind:
        wanted &= _once(Q(ref__startswith=f"{asked.kind.lower()}:"))
    if asked.name:
        there = Q(entity__title__icontains=asked.name)
        there |= Q(entity__name__icontains=asked.name)
        gone = Q(entity=None, ref__contains=asked.name.lower())
        wanted &= _once(there | gone)
    return wanted


def _once(which: Q) -> Q:
    """Identities, looked for once and not beside each of the changes."""
    return Q(identity__in=Identity.objects.filter(which))


def _steps(rows: list[Row]) -> list[Step]:
    steps: list[Step] = []
    last: tuple[Any, ...] = ()
    for row in rows:
        if isinstance(row, Event):
            steps.append(_report(row))
            last = ()
            continue
        now = tuple(getattr(row, name) for name in _FIELDS)
        if now != last:
            steps.append(Step(*now))
            last = now
        steps[-1].entries.append(_entry(row))
    return steps


def _report(row: Event) -> Step:
    """What a tool did is a step of its own."""
    who = row.tool or row.author_name
    return Step(row.at, "api", "", who, "", row.title, [_entry(row)], row)


def _entry(row: Revision | Event) -> Entry:
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
