"""From looks to states: confirmation, doubt, flapping, the worst of all levels."""

from __future__ import annotations

import time

import pytest

from catalog.probes import judging, words
from catalog.probes.delay import Delay
from catalog.probes.judging import Belief, Level
from catalog.probes.prober import Found

NOW = 1_000_000_000


def after(
    *verdicts: str, flapping: bool = False, start: Belief | None = None
) -> Belief:
    belief = start or Belief()
    for at, verdict in enumerate(verdicts):
        found = Found(verdict)
        belief = judging.weigh(belief, found, NOW + at, flapping=flapping)
    return belief


def test_the_first_good_look_is_believed_and_a_first_bad_one_is_not():
    assert after("ok").confirmed == "ok"
    assert after("bad").confirmed == "" and after("bad", "bad").confirmed == ""
    assert after("bad", "bad", "bad").confirmed == "bad"


def test_three_bad_looks_in_a_row_are_an_outage_and_two_good_ones_end_it():
    assert after("ok", "bad", "bad").confirmed == "ok"
    assert after("ok", "bad", "bad", "ok", "bad", "bad").confirmed == "ok"
    down = after("ok", "bad", "bad", "bad")
    assert down.confirmed == "bad" and down.since == NOW + 3
    assert after("ok", start=down).confirmed == "bad"
    assert after("ok", "ok", start=down).confirmed == "ok"


def test_what_is_sure_needs_no_second_look():
    found = Found("bad", sure=True)
    assert judging.weigh(after("ok"), found, NOW).confirmed == "bad"


def test_a_doubt_is_looked_into_soon():
    assert judging.next_look(after("ok", "bad"), 60) == judging.RETRY
    assert judging.next_look(after("ok", "bad", "bad", "bad"), 60) == 60
    assert judging.next_look(after("ok"), 3) == 3


def test_flapping_takes_more_to_be_believed():
    down = after("ok", "bad", "bad", "bad")
    assert after(*["ok"] * 4, start=down, flapping=True).confirmed == "bad"
    assert after(*["ok"] * 5, start=down, flapping=True).confirmed == "ok"
    flips = [NOW - 60_000 * n for n in range(4)]
    assert judging.is_flapping(flips, NOW)
    assert not judging.is_flapping(flips, NOW + judging.FLIP_WINDOW)


def level(name: str, confirmed: str, error: str = "", **more) -> Level:
    known = {"since": NOW, "detail": "", "at": NOW, "interval": 30, "timeout": 5.0}
    return Level(name, confirmed, error=error, **{**known, **more})


ALIVE = level("alive", "ok")


@pytest.mark.parametrize(
    ("levels", "state", "error"),
    [
        ([], "unknown", words.LATE),
        ([level("alive", "")], "unknown", words.LATE),
        ([ALIVE], "up", ""),
        ([level("alive", "bad", "refused")], "down", "refused"),
        ([ALIVE, level("serving", "bad", "5xx")], "down", "5xx"),
        ([ALIVE, level("metrics", "bad", "stalled")], "down", "stalled"),
        (
            [ALIVE, level("serving", "degraded", "wrong-model")],
            "degraded",
            "wrong-model",
        ),
        ([ALIVE, level("metrics", "busy")], "busy", ""),
        ([ALIVE, level("metrics", "busy"), level("serving", "bad", "x")], "down", "x"),
        ([ALIVE, level("serving", "unchecked", "not-loaded")], "unknown", "not-loaded"),
        ([ALIVE, level("serving", "")], "up", ""),
        # What serving said long ago is not known any more.
        ([ALIVE, level("serving", "bad", "x", at=NOW - 200_000)], "up", ""),
        ([level("alive", "ok", at=NOW - 200_000)], "unknown", words.LATE),
    ],
)
def test_the_state_is_the_worst_of_what_is_fresh(levels, state, error):
    verdict = judging.combine(levels, NOW)
    assert (verdict.state, verdict.error) == (state, error)


def test_answers_but_serves_nothing_is_said():
    detail = judging.combine(
        [ALIVE, level("serving", "bad", detail="Late.")], NOW
    ).detail
    assert detail == "Answers, but serves nothing. Late."


def test_loading_is_an_outage_after_a_quarter_of_an_hour():
    loading = level("alive", "degraded", words.LOADING)
    assert judging.combine([loading], NOW).state == "degraded"
    old = level("alive", "degraded", words.LOADING, since=NOW - 16 * 60_000)
    assert judging.combine([old], NOW).state == "down"


def test_silence_is_known_after_three_intervals():
    assert ALIVE.is_fresh(NOW + 95_000) and not ALIVE.is_fresh(NOW + 95_001)


def test_when_we_are_late_ourselves_lateness_is_no_evidence():
    delay = Delay()
    delay.note(expected=100.0, woken=103.0)
    late = Found("bad", error="first-byte-timeout")
    assert delay.was_late(101.0, 110.0) and not delay.was_late(104.0, 110.0)
    now = time.monotonic()
    assert delay.fair(late, now - 1) is late
    delay.note(expected=now - 5, woken=now)
    told = delay.fair(late, now - 1)
    assert (told.verdict, told.error) == ("unchecked", "own-limit")
    refused = Found("bad", error="refused")
    assert delay.fair(refused, now - 1) is refused
