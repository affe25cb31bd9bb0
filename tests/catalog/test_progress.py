"""Counters and load between two readings: rates, restarts, and what does not move."""

from __future__ import annotations

from typing import Any

from catalog.probes import progress
from catalog.probes.prober import Found
from catalog.probes.progress import Progress

NOW = 1_000_000_000


def read(
    load: Any = None,
    counters: Any = None,
    *,
    memory: Any = None,
    at: int = NOW,
    started: float | None = None,
) -> tuple[Any, Progress]:
    found = Found(load=load or {}, counters=counters or {}, started_at=started)
    return progress.weigh(found, memory or {}, at)


def test_the_first_reading_tells_no_difference():
    found, counted = read({"running": 1}, {"output_tokens": 500})
    assert counted.counted == {} and counted.seconds == 0 and not counted.restarted
    assert found.verdict == "ok"


def test_differences_and_rates():
    first, _ = read({"running": 1}, {"output_tokens": 500, "requests": 5})
    then, counted = read(
        {"running": 1},
        {"output_tokens": 800, "requests": 6, "prompt_tokens": 9},
        memory=first.memory,
        at=NOW + 15_000,
    )
    # A counter that was not there before is no difference of its whole.
    assert counted.counted == {"output_tokens": 300, "requests": 1}
    assert counted.seconds == 15 and then.load["output_tokens_per_s"] == 20


def test_a_smaller_counter_is_a_restart_and_counts_from_zero():
    first, _ = read({}, {"output_tokens": 500})
    _, counted = read({}, {"output_tokens": 20}, memory=first.memory, at=NOW + 15_000)
    assert counted.restarted and counted.counted == {"output_tokens": 20}


def test_another_start_time_is_a_restart_even_when_counters_grew():
    first, _ = read({}, {"output_tokens": 5}, started=100.0)
    _, counted = read(
        {}, {"output_tokens": 50}, memory=first.memory, at=NOW + 15_000, started=900.0
    )
    assert counted.restarted and counted.counted == {"output_tokens": 50}


def test_a_long_gap_covers_no_time():
    first, _ = read({}, {"output_tokens": 5})
    _, counted = read({}, {"output_tokens": 9}, memory=first.memory, at=NOW + 3_600_000)
    assert counted.counted == {"output_tokens": 4} and counted.seconds == 0


def series(*readings: tuple[Any, Any]) -> Any:
    """Several readings, 15 seconds apart."""
    memory: Any = {}
    found: Any = None
    for number, (load, counters) in enumerate(readings):
        found, _ = read(load, counters, memory=memory, at=NOW + number * 15_000)
        memory = found.memory
    return found


def test_load_that_moves_is_busy_for_as_long_as_it_likes():
    found = series(*[({"running": 4, "waiting": 9}, {"steps": n}) for n in range(50)])
    assert found.verdict == "busy" and "4 running, 9 waiting" in found.detail


def test_load_that_does_not_move_for_twenty_seconds_is_stalled():
    frozen = ({"running": 4, "waiting": 9}, {"steps": 7})
    assert series(frozen, frozen).verdict == "busy"
    found = series(frozen, frozen, frozen)
    assert (found.verdict, found.error, found.sure) == ("bad", "stalled", True)


def test_a_doubt_asks_for_a_reading_soon():
    frozen = ({"running": 1, "waiting": 0}, {"steps": 7})
    assert not progress.is_in_doubt(series(frozen).memory, NOW)
    assert progress.is_in_doubt(series(frozen, frozen).memory, NOW + 15_000)
    idle = ({"running": 0, "waiting": 0}, {"steps": 7})
    assert not progress.is_in_doubt(series(idle, idle).memory, NOW + 15_000)


def test_idle_may_stand_still_for_ever():
    idle = ({"running": 0, "waiting": 0, "kv": 0.0}, {"steps": 7})
    assert series(*[idle] * 20).verdict == "ok"


def test_long_prefill_moves_the_cache_and_is_no_stall():
    readings = [
        ({"running": 1, "waiting": 0, "kv": n / 100}, {"output_tokens": 7})
        for n in range(10)
    ]
    assert series(*readings).verdict == "ok"


def test_whoever_has_nothing_to_do_any_more_is_asked_for_work():
    busy, _ = read({"running": 4, "waiting": 4}, {"steps": 7})
    idle, _ = read({"running": 0}, {"steps": 9}, memory=busy.memory, at=NOW + 15_000)
    still, _ = read({"running": 0}, {"steps": 9}, memory=idle.memory, at=NOW + 30_000)
    assert progress.has_just_stopped(busy.memory, idle.memory)
    assert not progress.has_just_stopped(idle.memory, still.memory)
    assert not progress.has_just_stopped({}, idle.memory)
