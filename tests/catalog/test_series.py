"""Latency over time: raw looks for hours, sums beyond, and what is not summed yet."""

from __future__ import annotations

import json

import pytest

from catalog.probes import histogram, series, words
from catalog.probes.models import Check, Probe, Rollup, Sample
from catalog.probes.uptime import DAY, HOUR
from tests.catalog.documents import declare, document
from tests.seen import probed

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

FIVE = 300_000
# A border of an hour, long ago.
T = 1_800_000_000_000 // HOUR * HOUR
BAD, OK = words.VERDICTS.index(words.BAD), words.VERDICTS.index(words.OK)


@pytest.fixture
def check() -> Check:
    declare(document(name="web"))
    entity = probed("component:default/web")
    return Probe.objects.get(identity_id=entity.pk).checks.get()


def look(check: Check, at: int, took: float | None) -> None:
    Sample.objects.create(
        check_row=check,
        at=at,
        verdict=BAD if took is None else OK,
        bucket=histogram.bucket(took),
        latency=took,
    )


def summed(check: Check, at: int, *took: float | None, seconds: int = 300) -> None:
    counts: dict[int, int] = {}
    for one in took:
        place = histogram.bucket(one)
        counts[place] = counts.get(place, 0) + 1
    Rollup.objects.create(
        check_row=check,
        seconds=seconds,
        at=at,
        looks=len(took),
        bad=sum(one is None for one in took),
        histogram=json.dumps(counts),
    )


def test_hours_are_drawn_from_looks(check):
    for place, took in enumerate((10.0, 30.0, 20.0)):
        look(check, T + place * 1000, took)
    look(check, T + 60_000, None)
    first, second = series.latency(check, T, T + HOUR)
    assert (first.at, first.length, first.looks, first.bad) == (T, 60_000, 3, 0)
    assert (first.p50, first.p99) == (20.0, 30.0)
    assert (second.p50, second.looks, second.bad) == (None, 1, 1)


def test_days_are_drawn_from_sums_and_what_is_not_summed_yet(check):
    summed(check, T, 10.0, 10.0, None)
    look(check, T + 1000, 99.0)  # That is in the sum.
    look(check, T + FIVE + 1000, 40.0)
    first, second = series.latency(check, T, T + DAY)
    assert (first.at, first.looks, first.bad) == (T, 3, 1)
    assert first.p50 == pytest.approx(10.0, rel=0.2)
    assert (second.at, second.p50, second.looks) == (T + FIVE, 40.0, 1)


def test_months_are_drawn_from_hours(check):
    summed(check, T, 10.0, seconds=3600)
    summed(check, T, 10.0)
    assert [p.length for p in series.latency(check, T, T + 90 * DAY)] == [HOUR]


@pytest.mark.parametrize(("days", "seconds"), [(7, 300), (90, 3600)])
def test_percentiles_of_a_range_come_from_what_is_kept_so_long(check, days, seconds):
    other = 3900 - seconds
    summed(check, T, *[10.0] * 98, 500.0, 500.0, seconds=seconds)
    summed(check, T, 9000.0, seconds=other)
    look(check, T + HOUR + 1000, 10.0)
    found = series.percentiles(check, T, T + days * DAY)
    # Exact to the width of a bucket.
    for name, took in (("p50", 10.0), ("p99", 500.0)):
        assert histogram.bucket(found[name]) == histogram.bucket(took)


def test_of_nothing_nothing_is_known(check):
    assert series.latency(check, T, T + HOUR) == []
    assert series.percentiles(check, T, T + DAY) == {
        "p50": None,
        "p95": None,
        "p99": None,
    }
