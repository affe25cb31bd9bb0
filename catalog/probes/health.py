"""The probe of ourselves: who asks, how late, what nobody asks, how much is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, models
from django.db.models import Count, Max, Min

from catalog.probes import clock, heartbeat
from catalog.probes.models import (
    Change,
    Check,
    Probe,
    Progress,
    Rollup,
    Sample,
    Transition,
    Usage,
    Worker,
)
from catalog.probes.rolling import FIVE
from catalog.probes.uptime import DAY

# Later than this, the engine does not keep up.
LATE = 2.0
# Sums are made every five minutes, of what is over.
_ROLLED = 4 * FIVE * 1000
_LISTED = 50


@dataclass(frozen=True)
class Health:
    """How the engine is. `late` is how long the oldest check that is due has waited, in
    milliseconds; `unserved` are queues with the number of probes that nobody asks."""

    workers: list[Worker]
    dead: list[Worker]
    probes: int
    paused: int
    unserved: dict[str, int]
    faults: list[Probe]
    faulty: int
    due: int
    late: int
    rolled: datetime | None
    rolls_late: bool
    synced: datetime | None

    @property
    def is_unwatched(self) -> bool:
        """Are there probes, and nobody who asks?"""
        return self.probes > self.paused and not self.workers


@dataclass(frozen=True)
class Table:
    """How many rows are kept, and how many of them are of the last 24 hours; None where
    that is not known."""

    title: str
    rows: int
    new: int | None
    kept: str


def unwatched() -> bool:
    """Are there probes, and no engine that lives? Two queries at most."""
    return Probe.objects.filter(paused_at=None).exists() and not heartbeat.alive()


def health() -> Health:
    """How the engine is now. Eight queries."""
    now = clock.now()
    workers = list(Worker.objects.order_by("name"))
    alive = [one for one in workers if one.beat_at >= now - heartbeat.DEAD]
    counts = Probe.objects.aggregate(
        all=Count("pk"), paused=Count("pk", filter=~models.Q(paused_at=None))
    )
    faults = Probe.objects.exclude(fault="").select_related("identity__entity")
    overdue = _overdue(now)
    progress = Progress.objects.filter(pk=1).first()
    rolled = progress.rolled if progress else 0
    return Health(
        workers=alive,
        dead=[one for one in workers if one not in alive],
        probes=counts["all"],
        paused=counts["paused"],
        unserved=_unserved(alive),
        faults=list(faults.order_by("identity__ref", "pk")[:_LISTED]),
        faulty=faults.count(),
        due=overdue["number"],
        late=max(0, now - overdue["oldest"]) if overdue["number"] else 0,
        rolled=clock.moment(rolled) if rolled else None,
        rolls_late=bool(rolled) and now - rolled > _ROLLED,
        synced=progress.synced_at if progress else None,
    )


def _overdue(now: int) -> dict[str, int]:
    """The checks that somebody should have begun by now, whatever their queue."""
    rows = Check.objects.filter(due__lte=now, busy_until__lt=now)
    rows = rows.filter(probe__paused_at=None, probe__fault="")
    return rows.aggregate(number=Count("pk"), oldest=Min("due"))


def _unserved(alive: list[Worker]) -> dict[str, int]:
    """The queues that nobody serves, with the number of their probes."""
    served = {queue for worker in alive for queue in worker.queues.split(",")}
    rows = Probe.objects.filter(paused_at=None).order_by().values_list("queue")
    counted = dict(rows.annotate(number=Count("pk")))
    return {name: counted[name] for name in sorted(counted) if name not in served}


def tables() -> list[Table]:
    """What is kept, the largest first."""
    return sorted(_tables(clock.now()), key=lambda table: -table.rows)


def _tables(now: int) -> Iterator[Table]:
    day_ago = now - DAY
    newest = Sample.objects.aggregate(first=Min("pk"), last=Max("pk"))
    first, last = newest["first"] or 0, newest["last"] or 0
    # Their numbers follow each other: counting millions of rows would take long.
    since = Sample.objects.filter(at__gte=day_ago).order_by("at")
    young = since.values_list("pk", flat=True).first()
    rows = last - first + 1 if last else 0
    yield Table("Looks", rows, last - young + 1 if young else 0, "two days")
    sums = Rollup.objects.order_by()
    new_sums = sums.filter(at__gte=day_ago).count()
    yield Table(
        "Sums of looks", sums.count(), new_sums, "30 days by five minutes, 400 by hours"
    )
    transitions = Transition.objects.order_by()
    new = transitions.filter(at__gte=day_ago).count()
    yield Table("Changes of state", transitions.count(), new, "for ever")
    changes = Change.objects.order_by()
    new = changes.filter(at__gte=clock.moment(day_ago)).count()
    yield Table("Changes that were seen", changes.count(), new, "for ever")
    yield Table("Days of use", Usage.objects.count(), None, "for ever")
    yield Table("Checks", Check.objects.count(), None, "while declared")


def size() -> int:
    """How large the whole database is, in bytes."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_database_size(current_database())")
            return int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_count")
        pages = int(cursor.fetchone()[0])
        cursor.execute("PRAGMA page_size")
        return pages * int(cursor.fetchone()[0])
