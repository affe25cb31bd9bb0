"""What a status page shows: the probed entities by system, now and over a range.

Only what the viewer may see. What was believed longer than it is fresh is unknown here,
even if nobody has written that down yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Max, Q
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.probes import clock, states, uptime, words
from catalog.probes.models import Check, Maintenance, Probe, Status
from catalog.probes.uptime import DAY, Span, Uptime

OTHER = "Other"
BARS = {"24h": 48, "7d": 56, "30d": 60, "90d": 90}
USUAL = "24h"
_RECENT, _MINUTE = 7 * DAY, 60_000
_MOST_OUTAGES = 12
_AHEAD = timedelta(days=7)
_THERE = (words.UP, words.BUSY)


@dataclass(frozen=True)
class Line:
    """One entity: its state now, and its range. Moments are milliseconds, 0 is never.

    `was` is the state it had before it fell silent, where that is not written yet.
    """

    entity: Entity
    state: str
    error: str
    detail: str
    since: int
    seen: int
    latency: float | None
    uptime: Uptime
    bars: list[Span]
    was: str = ""

    @property
    def is_there(self) -> bool:
        """Does it serve, as far as is known?"""
        return self.state in _THERE


@dataclass(frozen=True)
class Group:
    """The entities of one system; `system` is None where the viewer sees none."""

    title: str
    system: Entity | None
    lines: list[Line]

    @property
    def there(self) -> int:
        """How many of them serve."""
        return sum(line.is_there for line in self.lines)


@dataclass(frozen=True)
class Outage:
    """A time in which an entity was down; `began_before` those that are looked at."""

    entity: Entity
    span: Span
    lasts: bool
    began_before: bool


@dataclass(frozen=True)
class Board:
    """The whole page. `seen` is the last look at anything, `days` how far back the
    outages go."""

    name: str
    start: int
    end: int
    groups: list[Group]
    counts: Counter[str]
    outages: list[Outage]
    more_outages: int
    days: int
    windows: list[tuple[Entity, Maintenance]]
    seen: int

    @property
    def total(self) -> int:
        """How many entities are probed."""
        return self.counts.total()

    @property
    def worst(self) -> str:
        """The state of the whole: the worst of all, but maintenance is no trouble."""
        return words.worst([s for s in self.counts if s != words.MAINTENANCE])

    @property
    def sentence(self) -> str:
        """How all of it stands, in a few words."""
        total, there = self.total, sum(self.counts[state] for state in _THERE)
        if there == total:
            return f"All {total} services are up" if total > 1 else "The service is up"
        told = [(self.counts[state], word) for state, word in _TOLD.items()]
        (number, word), *rest = [one for one in told if one[0]]
        verb = "is" if number == 1 else "are"
        noun = "service" if total == 1 else "services"
        head = f"{number} of {total} {noun} {verb} {word}"
        return ", ".join([head, *(f"{more} {other}" for more, other in rest)])


_TOLD = {
    words.DOWN: "down",
    words.DEGRADED: "degraded",
    words.UNKNOWN: "not known",
    words.MAINTENANCE: "in maintenance",
}


def board(viewer: Viewer, name: str = USUAL, now: int | None = None) -> Board:
    """The status page of a viewer over one of uptime.RANGES. Ten queries or fewer."""
    moment = now or clock.now()
    start, end = window(name, moment)
    entities = probed(viewer)
    keys = [entity.pk for entity in entities]
    since = min(start, moment - _RECENT)
    timelines = uptime.timelines(keys, since, moment, coarse=True)
    statuses = Status.objects.in_bulk(keys)
    rhythms = _rhythms(keys)
    lines = [
        _line(
            entity,
            statuses.get(entity.pk) or Status(identity_id=entity.pk),
            rhythms.get(entity.pk, (0, 0)),
            uptime.clipped(timelines[entity.pk], start),
            (start, end, BARS[name], moment),
        )
        for entity in entities
    ]
    found = outages(entities, timelines, since, moment)
    return Board(
        name=name,
        start=start,
        end=end,
        groups=_groups(lines, viewer),
        counts=Counter(line.state for line in lines),
        outages=found[:_MOST_OUTAGES],
        more_outages=max(0, len(found) - _MOST_OUTAGES),
        days=max(uptime.RANGES[name], _RECENT) // DAY,
        windows=_windows({entity.pk: entity for entity in entities}),
        seen=max((line.seen for line in lines), default=0),
    )


def window(name: str, now: int) -> tuple[int, int]:
    """Start and end of a range, on the borders of its bars: they stand still while
    time goes on."""
    length = uptime.RANGES[name]
    width = length // BARS[name]
    end = -(-now // width) * width
    return end - length, end


def probed(viewer: Viewer) -> list[Entity]:
    """The entities with probes that this viewer may see, by name."""
    rows = Entity.objects.visible_to(viewer).light()
    rows = rows.filter(pk__in=Probe.objects.values("identity_id"))
    return sorted(rows, key=lambda row: (row.label.casefold(), row.ref))


def _rhythms(keys: list[int]) -> dict[int, tuple[int, int]]:
    """Of each entity the last look, and the slowest interval of being alive in ms."""
    alive = Q(level=words.ALIVE)
    rows = Check.objects.filter(probe__identity_id__in=keys).order_by()
    found = rows.values_list("probe__identity_id").annotate(
        seen=Max("at"), slowest=Max("interval", filter=alive)
    )
    return {key: (seen, 1000 * (slowest or 0)) for key, seen, slowest in found}


def _line(
    entity: Entity,
    status: Status,
    rhythm: tuple[int, int],
    spans: list[Span],
    frame: tuple[int, int, int, int],
) -> Line:
    start, end, most, now = frame
    seen, slowest = rhythm
    number = max(1, min(most, (end - start) // slowest if slowest else most))
    shown = states.believed(status, now)
    # To the minute: a share that moves with every second would never stand still.
    whole = uptime.clipped(spans, start, now - now % _MINUTE)
    return Line(
        entity=entity,
        state=shown.state,
        error=shown.error,
        detail=shown.detail,
        since=shown.since,
        seen=seen,
        latency=shown.latency,
        uptime=uptime.uptime(whole),
        bars=uptime.bars(spans, start, end, number),
        was="" if shown is status else status.state,
    )


def _groups(lines: list[Line], viewer: Viewer) -> list[Group]:
    """By system, in the order of their titles; those without one come last."""
    by_system: dict[str, list[Line]] = {}
    for line in lines:
        by_system.setdefault(line.entity.system, []).append(line)
    rows = Entity.objects.visible_to(viewer).light().filter(ref__in=by_system)
    systems = {row.ref: row for row in rows}
    groups = []
    for ref, members in by_system.items():
        system = systems.get(ref)
        title = system.label if system else ref.rpartition("/")[2] or OTHER
        groups.append(Group(title, system, members))
    return sorted(groups, key=lambda one: (one.title == OTHER, one.title.casefold()))


def outages(
    entities: Iterable[Entity],
    timelines: dict[int, list[Span]],
    start: int,
    now: int,
) -> list[Outage]:
    """Every time in which one of these was down, the newest first."""
    found = [
        Outage(entity, span, span.end >= now, span.start <= start)
        for entity in entities
        for span in timelines[entity.pk]
        if span.state == words.DOWN
    ]
    return sorted(found, key=lambda one: -one.span.start)


def _windows(entities: dict[int, Entity]) -> list[tuple[Entity, Maintenance]]:
    """The maintenance that is open, and that of the next days."""
    now = timezone.now()
    rows = Maintenance.objects.filter(
        identity_id__in=entities, ends_at__gt=now, starts_at__lte=now + _AHEAD
    )
    return [
        (entities[row.identity_id], row) for row in rows.order_by("starts_at", "pk")
    ]
