"""Latencies in fixed buckets, which can be added without losing anything.

From 5 ms to two minutes, each about 1.66 times the one before; the last holds what is
longer. Percentiles of a sum of histograms are those of all looks together, to the width
of a bucket.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Mapping

_LEAST, _MOST, _STEPS = 5.0, 120_000.0, 20
_FACTOR: float = (_MOST / _LEAST) ** (1 / _STEPS)
BOUNDS: tuple[float, ...] = tuple(_LEAST * _FACTOR**step for step in range(_STEPS + 1))
NONE = -1


def bucket(milliseconds: float | None) -> int:
    """The place of a latency; NONE where there is none."""
    if milliseconds is None:
        return NONE
    return bisect.bisect_left(BOUNDS, milliseconds)


def merged(histograms: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The sum of histograms."""
    total: dict[int, int] = {}
    for histogram in histograms:
        for place, count in histogram.items():
            total[place] = total.get(place, 0) + count
    return total


def percentile(histogram: Mapping[int, int], share: float) -> float | None:
    """The latency that this share of looks did not pass, in milliseconds; None of no
    looks. Within a bucket it is taken to grow evenly."""
    counted = {place: count for place, count in histogram.items() if place >= 0}
    wanted = share * sum(counted.values())
    if not counted:
        return None
    seen = 0
    for place in sorted(counted):
        if seen + counted[place] >= wanted:
            part = (wanted - seen) / counted[place]
            low, high = _edges(place)
            return low + (high - low) * part
        seen += counted[place]
    return BOUNDS[-1]


def _edges(place: int) -> tuple[float, float]:
    if place == 0:
        return 0.0, BOUNDS[0]
    if place >= len(BOUNDS):
        return BOUNDS[-1], BOUNDS[-1]
    return BOUNDS[place - 1], BOUNDS[place]
