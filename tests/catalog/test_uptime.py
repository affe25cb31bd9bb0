"""Uptime: timelines without gaps, shares of what is known, bars, objectives."""

from __future__ import annotations

from itertools import pairwise

import pytest

from catalog.entities.models import Entity
from catalog.probes import clock, objectives, standing, uptime, words
from catalog.probes.models import Check, Probe, Status, Transition
from catalog.probes.objectives import Objective, ObjectiveError
from catalog.probes.uptime import DAY, HOUR, Span, Uptime
from tests.catalog.documents import declare, document
from tests.seen import became, probed

MIN = 60_000
UP, DOWN, UNKNOWN = words.UP, words.DOWN, words.UNKNOWN
storage = [pytest.mark.django_db, pytest.mark.storage]


def spans(*parts: tuple[str, int]) -> list[Span]:
    """States and their lengths, one after the other from 0."""
    found, at = [], 0
    for state, length in parts:
        found.append(Span(state, at, at + length))
        at += length
    return found


def shape(found: list[Span]) -> list[tuple[str, int]]:
    """States and their lengths in minutes."""
    assert all(a.end == b.start for a, b in pairwise(found))
    return [(span.state, round(span.length / MIN)) for span in found]


@pytest.fixture
def web() -> Entity:
    declare(document(name="web"))
    return Entity.objects.get(name="web")


class TestTimelines:
    pytestmark = storage

    def timeline(self, entity: Entity, start: int, end: int, **more: bool):
        return uptime.timelines([entity.pk], start, end, **more)[entity.pk]

    def fresh(self, entity: Entity, state: str, until: int) -> None:
        Status.objects.update_or_create(
            pk=entity.pk, defaults={"state": state, "fresh_until": until}
        )

    def test_nothing_is_known_of_what_was_never_asked(self, web):
        now = clock.now()
        assert shape(self.timeline(web, now - HOUR, now)) == [(UNKNOWN, 60)]

    def test_it_begins_with_what_was_before_the_range(self, web):
        now = clock.now()
        became(web, UNKNOWN, UP, 3 * DAY)
        became(web, UP, DOWN, 30 * MIN, error="refused", detail="It is off.")
        became(web, DOWN, UP, 10 * MIN)
        self.fresh(web, UP, now + MIN)
        found = self.timeline(web, now - HOUR, now)
        assert shape(found) == [(UP, 30), (DOWN, 20), (UP, 10)]
        assert (found[1].error, found[1].detail) == ("refused", "It is off.")
        assert (found[0].start, found[-1].end) == (now - HOUR, now)

    def test_silence_is_not_what_was_said_before_it(self, web):
        now = clock.now()
        became(web, UNKNOWN, UP, 2 * HOUR)
        self.fresh(web, UP, now - 20 * MIN)
        found = shape(self.timeline(web, now - HOUR, now))
        assert found == [(UP, 40), (UNKNOWN, 20)]
        self.fresh(web, UP, now - 3 * HOUR)
        assert shape(self.timeline(web, now - HOUR, now)) == [(UNKNOWN, 60)]

    def test_maintenance_does_not_get_stale(self, web):
        now = clock.now()
        became(web, UP, words.MAINTENANCE, 2 * HOUR)
        self.fresh(web, words.MAINTENANCE, now - 50 * MIN)
        found = shape(self.timeline(web, now - HOUR, now))
        assert found == [(words.MAINTENANCE, 60)]

    def test_coarse_leaves_out_the_to_and_fro_of_load(self, web):
        now = clock.now()
        became(web, UNKNOWN, UP, 2 * HOUR)
        for ago in range(50, 20, -10):
            became(web, UP, words.BUSY, ago * MIN)
            became(web, words.BUSY, UP, (ago - 5) * MIN)
        became(web, UP, DOWN, 10 * MIN)
        self.fresh(web, DOWN, now + MIN)
        found = self.timeline(web, now - HOUR, now, coarse=True)
        assert shape(found) == [(UP, 50), (DOWN, 10)]
        fine = self.timeline(web, now - HOUR, now)
        assert len(fine) == 8
        assert uptime.uptime(fine).share == uptime.uptime(found).share

    def test_two_at_the_same_moment_are_in_their_order(self, web):
        now = clock.now()
        for after in (UP, DOWN, UP):
            Transition.objects.create(
                identity_id=web.pk, at=now - 2 * HOUR, before="x", after=after
            )
        self.fresh(web, UP, now + MIN)
        assert shape(self.timeline(web, now - HOUR, now)) == [(UP, 60)]

    def test_many_cost_as_much_as_one(self, web, django_assert_max_num_queries):
        declare(*(document(name=f"web-{i}") for i in range(40)))
        for entity in Entity.objects.filter(name__startswith="web-"):
            became(entity, UNKNOWN, UP, 2 * HOUR)
        keys = list(Entity.objects.values_list("pk", flat=True))
        with django_assert_max_num_queries(4):
            uptime.timelines(keys, clock.now() - HOUR)

    def test_an_entity_that_comes_back_was_not_up_before(self, web):
        """Its other probe has been up for days; the entity is up since now."""
        now = clock.now()
        probed(web.ref, UP, ago=3 * DAY, fresh=10 * MIN)
        Transition.objects.all().delete()
        other = Probe.objects.create(identity_id=web.pk, prober="tcp", url="tcp://a:1")
        check = Check.objects.create(
            probe=other, level=words.ALIVE, interval=30, timeout=5, at=now
        )
        for confirmed, at in ((words.BAD, now - 20 * MIN), (words.OK, now - 5 * MIN)):
            check.confirmed = check.verdict = confirmed
            check.at = check.since = at
            standing.settle({other.pk: (other, [check])}, at)
        self.fresh(web, UP, now + MIN)
        found = shape(self.timeline(web, now - HOUR, now))
        assert found[-2:] == [(DOWN, 15), (UP, 5)]

    def test_an_entity_falls_silent_when_its_probe_did(self, web):
        now = clock.now()
        probed(web.ref, UP, ago=3 * DAY, fresh=-30 * MIN)
        probe = Probe.objects.get()
        check = probe.checks.get()
        check.confirmed, check.at = words.OK, now - 32 * MIN
        standing.settle({probe.pk: (probe, [check])}, now)
        found = shape(self.timeline(web, now - HOUR, now))
        assert [state for state, _ in found] == [UP, UNKNOWN]
        assert found[1][1] in (30, 31)


def test_the_share_is_of_what_is_known():
    found = uptime.uptime(spans((UP, 60), (UNKNOWN, 40), (DOWN, 20), (UP, 80)))
    assert found == Uptime(share=140 / 160, known=160 / 200, down=20, outages=1)


def test_busy_and_degraded_are_there():
    found = uptime.uptime(spans((words.BUSY, 10), (words.DEGRADED, 10), (DOWN, 20)))
    assert found.share == 0.5


def test_maintenance_counts_neither_way_but_is_known():
    found = uptime.uptime(spans((UP, 50), (words.MAINTENANCE, 50)))
    assert found == Uptime(share=1.0, known=1.0, down=0, outages=0)
    assert uptime.uptime(spans((words.MAINTENANCE, 9))).share is None


def test_of_nothing_nothing_is_known():
    assert uptime.uptime([]) == Uptime(share=None, known=0.0, down=0, outages=0)
    assert uptime.uptime(spans((UNKNOWN, 5))).share is None


def test_a_bar_is_in_the_worst_state_that_it_held():
    line = spans((UP, 25), (words.DEGRADED, 5), (DOWN, 5), (UP, 15), (UNKNOWN, 50))
    found = uptime.bars(line, 0, 100, 4)
    assert [bar.state for bar in found] == [UP, DOWN, UNKNOWN, UNKNOWN]
    assert [(bar.start, bar.end) for bar in found][1] == (25, 50)


def test_a_bar_in_which_something_is_known_is_not_unknown():
    line = spans((UNKNOWN, 90), (words.MAINTENANCE, 5), (UNKNOWN, 5))
    assert uptime.bars(line, 0, 100, 1)[0].state == words.MAINTENANCE


def test_a_bar_beyond_the_timeline_is_unknown():
    assert [b.state for b in uptime.bars(spans((UP, 10)), 0, 20, 2)] == [UP, UNKNOWN]


def test_a_timeline_can_be_clipped():
    found = uptime.clipped(spans((DOWN, 10), (UP, 10), (DOWN, 10)), 15)
    assert [(s.state, s.start, s.end) for s in found] == [(UP, 15, 20), (DOWN, 20, 30)]
    found = uptime.clipped(spans((DOWN, 10), (UP, 10), (DOWN, 10)), 5, 12)
    assert [(s.state, s.start, s.end) for s in found] == [(DOWN, 5, 10), (UP, 10, 12)]
    assert uptime.clipped([], 5) == []


@pytest.mark.parametrize(
    ("text", "share", "days"),
    [
        ("99.5% in 30d", 0.995, 30),
        (" 99 % in 7 days ", 0.99, 7),
        ("9% in 1d", 0.09, 1),
    ],
)
def test_an_objective_is_read(text, share, days):
    found = objectives.of({objectives.ANNOTATION: text})
    assert found == Objective(share, days)


@pytest.mark.parametrize(
    "text", ["", "99.5", "100% in 30d", "99% in 0d", "99% in 366d", "0% in 3d", "best"]
)
def test_what_is_no_objective_says_how_one_is_written(text):
    with pytest.raises(ObjectiveError, match=r"such as 99\.5% in 30d"):
        objectives.of({objectives.ANNOTATION: text})


def test_without_an_annotation_there_is_no_objective():
    assert objectives.of({}) is None
    assert objectives.of({objectives.ANNOTATION: 3}) is None


def test_the_budget_is_what_is_left_of_the_window():
    half_percent = Objective(0.995, 30)
    assert half_percent.budget == round(0.005 * 30 * DAY)
    used = Uptime(share=0.99, known=1.0, down=HOUR, outages=1)
    assert half_percent.left(used) == half_percent.budget - HOUR
    assert half_percent.is_met(used) is True
    spent = Uptime(share=0.5, known=1.0, down=4 * HOUR, outages=1)
    assert half_percent.left(spent) < 0 and half_percent.is_met(spent) is False
    assert half_percent.is_met(Uptime(None, 0.0, 0, 0)) is None
    assert str(half_percent) == "99.5 % in 30 d"
