"""The engine at work on real servers, and what must not stop it."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import chain

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from catalog.probes import claiming, clock, looks, recording, sweeping, syncing
from catalog.probes.ask import Target
from catalog.probes.engine import Engine
from catalog.probes.models import Check, Look, Probe, Progress, Sample, Status
from catalog.probes.prober import Found
from catalog.probes.recording import Result
from tests.catalog.loopback import HANGS, serving, wait_for
from tests.catalog.probed import check, component, found, probe

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.storage]
HOUR = 3600_000


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine whose clerk is the test itself: it turns by `engine.round()`."""
    made = Engine([""], "test")
    yield made
    made.loop.stop()


def make_due(**fields: int) -> None:
    Check.objects.update(due=clock.now(), **fields)


def turn(engine: Engine, number: int = 1) -> None:
    """Rounds until so many looks are written."""

    def enough() -> bool:
        engine.round()
        return engine.looks >= number

    wait_for(enough)


def targets() -> list[Target]:
    return claiming.targets_of(Check.objects.all())


def test_what_is_due_is_asked_judged_and_written(engine):
    with serving(get={"/health": (200, "fine")}) as server:
        component("llm", probe=f"vllm {server.url}")
        Check.objects.exclude(level="alive").delete()
        # Of an hour: its own rhythm does not happen to follow at once.
        make_due(interval=3600)
        turn(engine)
    assert probe().state == "up"
    row = check()
    assert row.busy_until == 0 and row.due > clock.now()
    assert Sample.objects.count() == 1 and server.paths() == ["/health"]


def test_a_server_that_hangs_holds_nobody_up(engine):
    with (
        serving(get={"/health": (200, "fine")}) as well,
        serving(get={"/health": HANGS}) as hanging,
    ):
        component("slow", probe=f"vllm {hanging.url}")
        component("quick", probe=f"vllm {well.url}")
        Check.objects.exclude(level="alive").delete()
        make_due()
        began = time.monotonic()
        turn(engine)
        assert time.monotonic() - began < 5
        assert probe("quick").state == "up" and probe("slow").state == "unknown"
        wait_for(lambda: engine.loop.running == 1)


def test_the_end_frees_what_was_under_way_for_others():
    with serving(get={"/health": HANGS}) as server:
        component("llm", probe=f"vllm {server.url}")
        Check.objects.exclude(level="alive").delete()
        make_due()
        engine = Engine([""], "test").start()
        wait_for(lambda: bool(server.heard))
        assert claiming.claim([""], 0) == []
        engine.stop()
    assert [target.check for target in claiming.claim([""], 0)] == [check().pk]


def test_the_only_worker_frees_what_a_dead_one_claimed():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    make_due()
    assert claiming.claim([""], 0)
    engine = Engine([""], "test", alone=True)
    turn(engine)
    engine.loop.stop()


def test_one_look_that_cannot_be_written_loses_no_other(engine):
    component("bad", probe="tcp tcp://127.0.0.1:1")
    component("good", probe="tcp tcp://127.0.0.1:2")
    for target in targets():
        verdict = "no verdict" if target.ref.endswith("bad") else "ok"
        engine.loop.results.put(Result(target, Found(verdict), clock.now()))
    engine.round()
    assert [s.check_row.probe.identity.ref for s in Sample.objects.all()] == [
        "component:default/good"
    ]
    assert not engine._kept


def test_what_strangers_say_is_kept_by_every_database():
    component()
    (target,) = claiming.targets_of(Check.objects.filter(level="alive"))
    said = "half \ud800 and nul \0."
    told = Found("bad", said, said, version=said, kind=said, models=[said])
    told.started_at = 1e300
    recording.record([Result(target, told, clock.now())])
    assert probe().version == "half ? and nul ."
    assert probe().started_at is None


def test_a_duty_that_fails_holds_up_no_other(engine, monkeypatch):
    def fail() -> None:
        raise ValueError("a document that nobody thought of")

    component("llm", probe="tcp tcp://127.0.0.1:1")
    found("ok", at=clock.now() - HOUR)
    Probe.objects.update(state="up")
    monkeypatch.setattr(syncing, "follow", lambda **_: fail())
    make_due()
    turn(engine)
    assert Sample.objects.count() >= 2
    assert probe().state == "unknown"


def test_after_a_silence_one_bad_look_makes_nothing_green():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    found("ok", at=clock.now() - HOUR)
    assert probe().state == "up"
    sweeping.sweep()
    for state in ("unknown", "unknown", "down"):
        found("bad", error="refused")
        assert probe().state == state


def test_looks_wait_while_the_database_is_away(engine, monkeypatch):
    component("llm", probe="tcp tcp://127.0.0.1:1")
    (target,) = targets()

    def away(_: object) -> None:
        raise OperationalError("the database is away")

    engine.loop.results.put(Result(target, Found("ok"), clock.now()))
    with monkeypatch.context() as patched:
        patched.setattr(recording, "record", away)
        with pytest.raises(OperationalError):
            engine.round()
    assert not Sample.objects.exists()
    engine.round()
    assert Sample.objects.count() == 1


def test_a_loop_that_ended_begins_anew(engine):
    first = engine.loop
    first.stop()
    engine.round()
    assert engine.loop is not first and engine.loop.is_alive()


def test_a_clock_that_was_put_back_delays_nothing(engine):
    component("llm", probe="tcp tcp://127.0.0.1:1")
    Check.objects.update(due=clock.now() + HOUR, busy_until=clock.now() + HOUR)
    engine.round()
    turn(engine)
    assert check().due < clock.now() + 31_000


def test_what_is_claimed_ahead_of_its_time_is_not_due_twice():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    now = clock.now()
    due = claiming.next_due(check().pk, 30, now)
    Check.objects.update(due=due)
    (target,) = claiming.claim([""], due - now)
    assert (target.due, check().due) == (due, due + 30_000)


def test_a_late_answer_takes_no_claim_from_who_has_it_now():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    make_due()
    (late,) = claiming.claim([""], 0)
    make_due(busy_until=clock.now() - 1)
    (mine,) = claiming.claim([""], 0)
    Check.objects.update(busy_until=mine.held + 5)
    due = check().due
    recording.record([Result(late, Found("ok"), clock.now())])
    assert (check().busy_until, check().due) == (mine.held + 5, due)


def test_want_of_means_is_not_an_outage_of_the_server(engine, monkeypatch):
    with serving(get={"/health": (200, "fine")}) as server:
        component("llm", probe=f"vllm {server.url}")
        Check.objects.exclude(level="alive").delete()
        make_due()
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        targets = claiming.claim([""], 0)
        free = os.dup(0)
        os.close(free)
        resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
        try:
            engine.loop.submit(targets)
            wait_for(lambda: not engine.loop.results.empty())
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    turn(engine)
    assert probe().state == "unknown"
    assert Sample.objects.get().error == "own-limit"


def test_servers_are_not_remembered_for_ever(engine):
    for port in (1, 2):
        component("llm", probe=f"vllm http://127.0.0.1:{port}")
        Check.objects.exclude(level="serving").delete()
        make_due()
        turn(engine, port)
    assert not engine.loop._nodes


def test_a_follow_that_was_killed_is_done_again():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    # As a process leaves it that was killed between the two.
    Probe.objects.all().delete()
    assert syncing.follow() == set()
    assert syncing.follow(whole=True)
    assert probe().prober == "tcp"


def test_a_follow_that_fails_is_tried_again(monkeypatch):
    component("llm", probe="tcp tcp://127.0.0.1:1")
    before = Progress.objects.get().synced_at

    def fail(*_: object) -> None:
        raise ValueError("a document that nobody thought of")

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "sync", fail)
        with pytest.raises(ValueError, match="nobody thought"):
            syncing.follow(whole=True)
    assert Progress.objects.get().synced_at == before
    Probe.objects.all().delete()
    assert syncing.follow()


def test_a_look_by_hand_whose_worker_died_ends():
    component("llm", probe="tcp tcp://127.0.0.1:1")
    look = looks.ask_for(probe(), "Ada")
    Look.objects.update(began_at=timezone.now() - timedelta(hours=1))
    sweeping.sweep()
    look.refresh_from_db()
    assert look.ended_at and "look again" in look.log


def test_many_go_silent_at_once():
    for number in range(6):
        component(f"n{number}", probe=f"tcp tcp://127.0.0.1:{number + 1}")
        found("ok", name=f"n{number}", at=clock.now() - HOUR)
    Probe.objects.update(state="up")
    sweeping.sweep()
    assert set(Probe.objects.values_list("state", flat=True)) == {"unknown"}
    assert set(Status.objects.values_list("state", flat=True)) == {"unknown"}


def test_several_workers_claim_each_check_once_and_agree_about_an_entity():
    both = "; ".join(f"tcp tcp://127.0.0.1:{port}" for port in range(1, 9))
    for number in range(6):
        component(f"n{number}", probe=both)
    # The next time of none of them is now.
    Check.objects.update(interval=86_400)
    make_due()

    def work(_: int) -> list[int]:
        try:
            taken = []
            while claimed := claiming.claim([""], 0, 5):
                now = clock.now()
                recording.record(
                    [Result(one, Found("bad", sure=True), now) for one in claimed]
                )
                taken += [one.check for one in claimed]
            return taken
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = list(chain.from_iterable(pool.map(work, range(4))))
    assert sorted(taken) == sorted(Check.objects.values_list("pk", flat=True))
    assert set(Status.objects.values_list("state", flat=True)) == {"down"}
    assert Sample.objects.count() == 48
