"""How services are, as pages show it: the state with its age, uptime, bars, latency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.probes import clock, objectives, states, uptime, words
from catalog.probes.models import Status
from catalog.probes.objectives import Objective, ObjectiveError
from catalog.probes.uptime import Span, Uptime
from portal.web.probe_words import error_word, mark_of, moment, word_of

if TYPE_CHECKING:
    from portal.web.subject import Subject

BARS = 48
_THERE = (words.UP, words.BUSY, words.DEGRADED)


@dataclass(frozen=True)
class Health:
    """The state of one entity, and the bars of the range before it."""

    state: str
    title: str
    detail: str
    error: str
    since: datetime | None
    seen: datetime | None
    latency: float | None
    bars: list[Span]
    uptime: Uptime
    start: datetime

    @property
    def look(self) -> str:
        """The class that its colour and its icon go by."""
        return mark_of(self.state)

    @property
    def looks(self) -> list[str]:
        """The classes of its bars."""
        return [mark_of(bar.state) for bar in self.bars]

    @property
    def outages(self) -> list[Span]:
        """Bars in which it was down."""
        return [bar for bar in self.bars if bar.state == words.DOWN]


def healths(
    keys: Iterable[int], span: int = uptime.DAY, bars: int = BARS
) -> dict[int, Health]:
    """The health of those of these entities that are probed; a handful of queries."""
    statuses = states.statuses(keys)
    if not statuses:
        return {}
    now = clock.now()
    lines = uptime.timelines(statuses, now - span, now)
    return {
        key: _health(status, lines[key], now - span, now, bars)
        for key, status in statuses.items()
    }


def _health(
    status: Status, line: list[Span], start: int, now: int, bars: int
) -> Health:
    known_until = min(now, status.fresh_until)
    return Health(
        state=status.state,
        title=word_of(status.state, status.error),
        detail=status.detail,
        error=error_word(status.error),
        since=moment(status.since),
        seen=clock.moment(min(status.at, known_until)) if status.at else None,
        latency=latency_of(status),
        bars=uptime.bars(line, start, now, bars),
        uptime=uptime.uptime(line),
        start=clock.moment(start),
    )


def latency_of(status: Status) -> float | None:
    """Of a service that does not serve, a figure of before would mislead."""
    return status.latency if status.state in _THERE else None


@dataclass(frozen=True)
class Kept:
    """An objective, and how it was kept in its window; `fault` where it is none."""

    objective: Objective | None
    uptime: Uptime | None = None
    left: int = 0
    fault: str = ""

    @property
    def look(self) -> str:
        """Kept, nearly used up, missed, or not known."""
        if self.objective is None or self.uptime is None or self.uptime.share is None:
            return "unknown"
        if self.left < 0:
            return "down"
        return "degraded" if self.left < self.objective.budget / 4 else "ok"


def objective_view(subject: Subject) -> Kept | None:
    """The objective that its document declares, and what is left of it."""
    try:
        objective = objectives.of(subject.annotations)
    except ObjectiveError as error:
        return Kept(None, fault=str(error))
    if objective is None or subject.health is None:
        return None
    now = clock.now()
    start, key = now - objective.milliseconds, subject.entity.pk
    found = uptime.uptime(uptime.timelines([key], start, now)[key])
    return Kept(objective, found, objective.left(found))
