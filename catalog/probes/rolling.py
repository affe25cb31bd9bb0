"""Sums of looks: raw for two days, five minutes for thirty days, hours for 400.

A sum is made when its time is over, from the raw looks; making it again gives the same.
"""

from __future__ import annotations

import json
from collections import defaultdict

from django.db import connection, transaction
from django.db.models import Count, Min, Sum

from catalog.probes import clock, words
from catalog.probes.models import Check, Look, Progress, Rollup, Sample, Transition

FIVE, HOUR = 300, 3600
RAW_KEPT, FIVE_KEPT, HOUR_KEPT = 48 * 3600, 30 * 24 * 3600, 400 * 24 * 3600
BUSY_KEPT = 30 * 24 * 3600
# Looks are written a little after they ended.
_LATE = 60_000
_CHUNK = 5000
_MOST_BUCKETS = 300


def roll_up(now: int | None = None) -> int:
    """Make the sums of all that is over. Returns how many were made."""
    moment = now or clock.now()
    progress, _ = Progress.objects.get_or_create(pk=1)
    made = 0
    start = progress.rolled or _first(moment)
    end = _floor(moment - _LATE, FIVE)
    for at in range(start, min(end, start + _MOST_BUCKETS * FIVE * 1000), FIVE * 1000):
        made += _sum_samples(at)
        Progress.objects.filter(pk=1).update(rolled=at + FIVE * 1000)
    made += _roll_hours(moment, progress.rolled_hours)
    forget(moment)
    return made


def _floor(moment: int, seconds: int) -> int:
    return moment - moment % (seconds * 1000)


def _first(moment: int) -> int:
    oldest = Sample.objects.aggregate(at=Min("at"))["at"]
    return _floor(oldest if oldest is not None else moment, FIVE)


def _sum_samples(at: int) -> int:
    """The sums of the five minutes that begin at a moment."""
    rows = Sample.objects.filter(at__gte=at, at__lt=at + FIVE * 1000)
    counted = rows.values_list("check_row_id", "verdict", "bucket").annotate(
        looks=Count("pk"), total=Sum("latency")
    )
    sums: dict[int, Rollup] = {}
    histograms: dict[int, dict[int, int]] = defaultdict(dict)
    for check, verdict, bucket, looks, total in counted.order_by():
        one = sums.setdefault(check, Rollup(check_row_id=check, seconds=FIVE, at=at))
        word = words.VERDICTS[verdict]
        one.looks += looks
        one.bad += looks if word == words.BAD else 0
        one.unchecked += looks if word == words.UNCHECKED else 0
        one.total += total or 0.0
        known = histograms[check]
        known[bucket] = known.get(bucket, 0) + looks
    return _keep(sums, histograms, FIVE, at)


def _roll_hours(moment: int, rolled: int) -> int:
    """The sums of hours, from those of five minutes."""
    known = Progress.objects.values_list("rolled", flat=True).get(pk=1)
    end = _floor(min(moment, known), HOUR)
    oldest = Rollup.objects.filter(seconds=FIVE).aggregate(at=Min("at"))["at"]
    start = rolled or _floor(oldest if oldest is not None else end, HOUR)
    made = 0
    for at in range(start, min(end, start + _MOST_BUCKETS * HOUR * 1000), HOUR * 1000):
        made += _sum_hour(at)
        Progress.objects.filter(pk=1).update(rolled_hours=at + HOUR * 1000)
    return made


def _sum_hour(at: int) -> int:
    rows = Rollup.objects.filter(seconds=FIVE, at__gte=at, at__lt=at + HOUR * 1000)
    sums: dict[int, Rollup] = {}
    histograms: dict[int, dict[int, int]] = defaultdict(dict)
    for row in rows.iterator():
        check = row.check_row_id
        one = sums.setdefault(check, Rollup(check_row_id=check, seconds=HOUR, at=at))
        one.looks += row.looks
        one.bad += row.bad
        one.unchecked += row.unchecked
        one.total += row.total
        known = histograms[check]
        for place, count in json.loads(row.histogram).items():
            known[int(place)] = known.get(int(place), 0) + count
    return _keep(sums, histograms, HOUR, at)


def _keep(
    sums: dict[int, Rollup],
    histograms: dict[int, dict[int, int]],
    seconds: int,
    at: int,
) -> int:
    alive = set(Check.objects.filter(pk__in=sums).values_list("pk", flat=True))
    rows = [row for check, row in sums.items() if check in alive]
    for row in rows:
        row.histogram = json.dumps(histograms[row.check_row_id])
    with transaction.atomic():
        Rollup.objects.filter(seconds=seconds, at=at).delete()
        Rollup.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def forget(now: int) -> int:
    """Let go of what is older than it is kept. Returns how many rows went."""
    gone = _delete("probes_sample", "at < %s", [now - RAW_KEPT * 1000])
    for seconds, kept in ((FIVE, FIVE_KEPT), (HOUR, HOUR_KEPT)):
        where = "seconds = %s AND at < %s"
        gone += _delete("probes_rollup", where, [seconds, now - kept * 1000])
    # Up and busy come and go all day: they are no history.
    calm = [words.UP, words.BUSY]
    old = Transition.objects.filter(
        at__lt=now - BUSY_KEPT * 1000, before__in=calm, after__in=calm
    )
    gone += old.delete()[0]
    Look.objects.filter(asked_at__lt=clock.moment(now - RAW_KEPT * 1000)).delete()
    return gone


def _delete(table: str, where: str, values: list[int]) -> int:
    """Delete in pieces, so that nobody waits long for the table."""
    gone = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {table} WHERE id IN "
                f"(SELECT id FROM {table} WHERE {where} LIMIT {_CHUNK})",
                values,
            )
            count: int = cursor.rowcount
        gone += max(0, count)
        if count < _CHUNK:
            return gone
