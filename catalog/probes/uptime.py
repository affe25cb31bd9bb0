"""How long a service was in which state: spans from transitions, uptime, bars.

What nobody knows is neither up nor down: it is left out of the share, and the share of
the time that is known is told beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Max

from catalog.probes import clock, words
from catalog.probes.models import Status, Transition

HOUR, DAY = 3600_000, 24 * 3600_000
RANGES = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}
_CALM = (words.UP, words.BUSY)
_GOOD = frozenset({words.UP, words.BUSY, words.DEGRADED})


@dataclass(frozen=True)
class Span:
    """A state from one moment to another, in milliseconds."""

    state: str
    start: int
    end: int
    detail: str = ""
    error: str = ""

    @property
    def length(self) -> int:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True)
class Uptime:
    """How much of a range a service was there, and how much of it is known.

    `share` is from 0 to 1, and None where nothing is known. Maintenance counts as
    neither.
    """

    share: float | None
    known: float
    down: int
    outages: int


def timelines(
    identities: Iterable[int],
    start: int,
    end: int | None = None,
    *,
    coarse: bool = False,
) -> dict[int, list[Span]]:
    """The states of entities in a range, without gaps; four queries for all.

    `coarse` leaves out what goes back and forth between up and busy: a server does so
    all day, and is there all the while.
    """
    until = end or clock.now()
    keys = list(identities)
    known = _transitions(keys, start, until, coarse=coarse)
    statuses = Status.objects.in_bulk(keys)
    found = {}
    for key in keys:
        spans = _spans(known[key], start, until)
        found[key] = _cut(spans, statuses.get(key))
    return found


def _transitions(
    keys: list[int], start: int, end: int, *, coarse: bool
) -> dict[int, list[Transition]]:
    """Those in the range, and of each the last one before it."""
    rows = Transition.objects.filter(identity_id__in=keys, probe=None)
    if coarse:
        rows = rows.exclude(before__in=_CALM, after__in=_CALM)
    before = rows.filter(at__lte=start).order_by().values("identity_id")
    newest = {row["identity_id"]: row["at"] for row in before.annotate(at=Max("at"))}
    found: dict[int, list[Transition]] = defaultdict(list)
    if newest:
        first = rows.filter(at__in=set(newest.values())).order_by("pk")
        for row in first:
            if newest.get(row.identity_id) == row.at:
                found[row.identity_id] = [row]
    for row in rows.filter(at__gt=start, at__lt=end).order_by("at", "pk"):
        found[row.identity_id].append(row)
    return found


def _spans(transitions: list[Transition], start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    known, since = Span(words.UNKNOWN, start, start), start
    for row in transitions:
        at = min(max(row.at, start), end)
        if at > since:
            spans.append(replace(known, start=since, end=at))
        known = Span(row.after, at, at, row.detail, row.error)
        since = max(since, at)
    if end > since:
        spans.append(replace(known, start=since, end=end))
    return spans


def _cut(spans: list[Span], status: Status | None) -> list[Span]:
    """Without what is believed still, and known no longer."""
    fresh = status.fresh_until if status else 0
    if not spans or spans[-1].state in (words.UNKNOWN, words.MAINTENANCE):
        return spans
    last = spans[-1]
    if fresh >= last.end:
        return spans
    kept = [*spans[:-1]]
    if fresh > last.start:
        kept.append(replace(last, end=fresh))
    kept.append(Span(words.UNKNOWN, max(fresh, last.start), last.end))
    return kept


def clipped(spans: Iterable[Span], start: int, end: int | None = None) -> list[Span]:
    """The part of a timeline from a moment on, or between two."""
    known = list(spans)
    last = end if end is not None else max((span.end for span in known), default=0)
    return [
        replace(span, start=max(span.start, start), end=min(span.end, last))
        for span in known
        if span.end > start and span.start < last
    ]


def uptime(spans: Iterable[Span]) -> Uptime:
    """The share of known time that the service was there."""
    lengths: dict[str, int] = defaultdict(int)
    outages = 0
    for span in spans:
        lengths[span.state] += span.length
        outages += span.state == words.DOWN
    good = sum(lengths[state] for state in _GOOD)
    known = good + lengths[words.DOWN]
    whole = sum(lengths.values())
    return Uptime(
        share=good / known if known else None,
        known=(known + lengths[words.MAINTENANCE]) / whole if whole else 0.0,
        down=lengths[words.DOWN],
        outages=outages,
    )


def bars(spans: list[Span], start: int, end: int, number: int) -> list[Span]:
    """So many equal parts of a range, each in the worst state that it held."""
    width = (end - start) / number
    found = []
    for at in range(number):
        low, high = int(start + at * width), int(start + (at + 1) * width)
        inside = [s for s in spans if s.start < high and s.end > low]
        worst = min(inside, key=_badness, default=Span(words.UNKNOWN, low, high))
        found.append(replace(worst, start=low, end=high))
    return found


_ORDER = (
    words.DOWN,
    words.DEGRADED,
    words.MAINTENANCE,
    words.BUSY,
    words.UP,
    words.UNKNOWN,
)


def _badness(span: Span) -> int:
    """A part in which something is known is not unknown."""
    return _ORDER.index(span.state)
