"""Latency over time: raw looks of a few hours, else sums of five minutes or hours."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F

from catalog.probes import histogram, words
from catalog.probes.models import Check, Rollup, Sample
from catalog.probes.rolling import FIVE, FIVE_KEPT, HOUR
from catalog.probes.uptime import DAY

FINE = 6 * 3600_000
_SHARES = (0.5, 0.95, 0.99)
_BAD = words.VERDICTS.index(words.BAD)


@dataclass(frozen=True)
class Point:
    """One part of a range: percentiles in milliseconds, None where nothing answered."""

    at: int
    length: int
    p50: float | None
    p95: float | None
    p99: float | None
    looks: int
    bad: int


def latency(check: Check, start: int, end: int) -> list[Point]:
    """The latencies of a check in a range, oldest first; parts without a look are not
    in it."""
    if end - start <= FINE:
        return _of_samples(check, start, end, 60_000)
    return rolled(check, start, end, FIVE if end - start <= 2 * DAY else HOUR)


def rolled(check: Check, start: int, end: int, seconds: int) -> list[Point]:
    """The same in parts of five minutes or of an hour."""
    rows = Rollup.objects.filter(check_row=check, seconds=seconds)
    points = [
        _point(row.at, seconds * 1000, _read(row.histogram), row.looks, row.bad)
        for row in rows.filter(at__gte=start - seconds * 1000, at__lt=end).order_by(
            "at"
        )
    ]
    # What is not summed up yet.
    since = points[-1].at + seconds * 1000 if points else start
    return points + _of_samples(check, max(start, since), end, seconds * 1000)


def gapless(
    check: Check, start: int, end: int, seconds: int
) -> list[tuple[int, Point | None]]:
    """Every part of a range with the moment it begins at; None where nobody looked, or
    where nothing is known of it any more."""
    width = seconds * 1000
    first = start - start % width
    points = {point.at: point for point in rolled(check, first, end, seconds)}
    return [(at, points.get(at)) for at in range(first, end, width)]


def looks(check: Check, start: int, end: int) -> list[Sample]:
    """Every look of a range, oldest first."""
    rows = Sample.objects.filter(check_row=check, at__gte=start, at__lt=end)
    return list(rows.order_by("at", "pk"))


def _of_samples(check: Check, start: int, end: int, width: int) -> list[Point]:
    rows = Sample.objects.filter(check_row=check, at__gte=start, at__lt=end)
    parts: dict[int, list[tuple[int, float | None]]] = defaultdict(list)
    for at, verdict, took in rows.order_by("at").values_list(
        "at", "verdict", "latency"
    ):
        parts[at - at % width].append((verdict, took))
    points = []
    for at, looks in parts.items():
        values = sorted(value for _, value in looks if value is not None)
        bad = sum(verdict == _BAD for verdict, _ in looks)
        p50, p95, p99 = (_exact(values, share) for share in _SHARES)
        points.append(Point(at, width, p50, p95, p99, len(looks), bad))
    return points


def _exact(values: list[float], share: float) -> float | None:
    if not values:
        return None
    return values[min(len(values) - 1, int(share * len(values)))]


def _read(text: str) -> dict[int, int]:
    return {int(place): count for place, count in json.loads(text).items()}


def _point(at: int, length: int, counts: dict[int, int], looks: int, bad: int) -> Point:
    p50, p95, p99 = (histogram.percentile(counts, share) for share in _SHARES)
    return Point(at, length, p50, p95, p99, looks, bad)


def percentiles(check: Check, start: int, end: int) -> dict[str, float | None]:
    """p50, p95 and p99 of a whole range: exact to the width of a bucket."""
    # Those of five minutes are kept for thirty days.
    seconds = FIVE if end - start <= FIVE_KEPT * 1000 else HOUR
    rows = Rollup.objects.filter(
        check_row=check, seconds=seconds, at__gte=start, at__lt=end
    )
    counts = histogram.merged(
        _read(text) for text in rows.values_list("histogram", flat=True)
    )
    newest = (
        rows.order_by("-at").values_list(F("at") + seconds * 1000, flat=True).first()
    )
    later = Sample.objects.filter(check_row=check, at__gte=newest or start, at__lt=end)
    counts = histogram.merged(
        [counts, *({place: 1} for place in later.values_list("bucket", flat=True))]
    )
    return {
        f"p{share * 100:g}": histogram.percentile(counts, share) for share in _SHARES
    }
