"""Probes in the database: they follow documents, are claimed once, become states."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.probes import (
    claiming,
    clock,
    deciding,
    recording,
    rolling,
    states,
    sweeping,
    syncing,
    uptime,
)
from catalog.probes.models import (
    Change,
    Check,
    Probe,
    Rollup,
    Sample,
    Status,
    Transition,
    Usage,
)
from catalog.probes.prober import Found, Spent
from catalog.probes.recording import Result
from tests.catalog.documents import declare, document
from tests.catalog.probed import check, component, found, is_down, is_up, probe
from tests.catalog.registered import registered

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
FAR = 10_000_000


def state(name: str = "llm") -> str:
    return Status.objects.get(identity__ref=f"component:default/{name}").state


def test_a_declared_probe_is_asked_at_each_of_its_levels():
    component()
    levels = dict(probe().checks.values_list("level", "interval"))
    assert levels == {"alive": 30, "metrics": 15, "serving": 60}
    assert state() == "unknown"


def test_a_new_document_changes_removes_and_keeps_what_a_person_decided():
    component(probe="tcp tcp://127.0.0.1:1; tcp tcp://127.0.0.1:2")
    first = probe()
    deciding.pause(first, "Ada", "moving house")
    component(probe="tcp tcp://127.0.0.1:1")
    assert [p.url for p in Probe.objects.all()] == ["tcp://127.0.0.1:1"]
    assert probe().pk == first.pk and probe().paused_by == "Ada"
    component(probe="")
    assert not Probe.objects.exists()


def test_several_jobs_of_one_entity_each_have_their_address():
    jobs = [{"type": "heartbeat", "title": title} for title in ("Backup", "Index")]
    component(probe="", probes=jobs)
    first, second = Probe.objects.order_by("pk")
    assert (first.title, second.title) == ("Backup", "Index")
    assert first.uid != second.uid
    component(probe="", probes=[{**job, "period": 60} for job in jobs])
    assert set(Probe.objects.values_list("uid", flat=True)) == {first.uid, second.uid}
    component(probe="", probes=jobs[1:])
    assert Probe.objects.get().uid == second.uid


def test_what_cannot_be_used_says_why_and_harms_no_neighbour():
    component(probe="vlm http://127.0.0.1:1; tcp tcp://127.0.0.1:1")
    bad, good = Probe.objects.order_by("pk")
    assert "Did you mean vllm?" in bad.fault and not bad.checks.exists()
    assert not good.fault and good.checks.count() == 1


def test_an_entity_that_is_gone_is_asked_no_more():
    component()
    Entity.objects.all().delete()
    syncing.follow(whole=True)
    assert not Probe.objects.exists()


def test_settings_of_a_spec_switch_levels_and_times():
    entry = {"type": "vllm", "url": "http://127.0.0.1:1", "every": {"metrics": 0}}
    component(probe="", probes=[{**entry, "timeout": 3}])
    assert sorted(probe().checks.values_list("level", "timeout")) == [
        ("alive", 3.0),
        ("serving", 3.0),
    ]


def test_the_models_that_it_serves_are_expected_by_all_their_names():
    declare(document("Model", "qwen", title="Qwen/Qwen2.5", apiVersion=None))
    component(serves=["qwen"])
    assert probe().expects == [["qwen", "Qwen/Qwen2.5"]]


def test_a_check_is_claimed_once():
    component()
    Check.objects.update(due=clock.now())
    first = claiming.claim([""], 0)
    assert len(first) == 3 and claiming.claim([""], 0) == []
    assert all(row.busy_until > clock.now() for row in Check.objects.all())


def test_what_is_not_due_paused_or_of_another_worker_is_not_claimed():
    component("later", "tcp tcp://127.0.0.1:1")
    Check.objects.update(due=clock.now() + 60_000)
    component("paused", "tcp tcp://127.0.0.1:2")
    deciding.pause(probe("paused"), "Ada", "")
    entry = {"type": "tcp", "url": "tcp://127.0.0.1:3", "worker": "gpu-01"}
    component("elsewhere", probe="", probes=[entry])
    Check.objects.exclude(probe=probe("later")).update(due=clock.now())
    assert claiming.claim([""], 0) == []
    assert [t.ref for t in claiming.claim(["host.gpu-01"], 0)] == [
        "component:default/elsewhere"
    ]


def test_a_claim_whose_worker_died_ends():
    component(probe="tcp tcp://127.0.0.1:1")
    Check.objects.update(due=clock.now())
    claiming.claim([""], 0)
    Check.objects.update(due=clock.now(), busy_until=clock.now() - 1)
    assert len(claiming.claim([""], 0)) == 1


def test_the_rhythm_of_a_check_is_its_own_and_missed_looks_are_not_made_up_for():
    now = clock.now()
    dues = [claiming.next_due(7, 30, now + n * 1000) for n in range(60)]
    assert len({due % 30_000 for due in dues}) == 1
    assert all(
        now + n * 1000 < due <= now + n * 1000 + 30_000 for n, due in enumerate(dues)
    )
    assert len({claiming.next_due(key, 30, now) for key in range(100)}) > 90


def test_a_key_goes_where_it_is_bound_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("VLLM_KEY", "s3cret-of-vllm")
    registered("VLLM_KEY", hosts="127.0.0.1", uses="probe")
    entry = {"type": "vllm", "url": "http://127.0.0.1:1", "key": "${VLLM_KEY}"}
    component(probe="", probes=[entry])
    component("thief", probe="", probes=[{**entry, "url": "http://127.0.0.2:1"}])
    by_ref = {t.ref: t for t in claiming.targets_of(Check.objects.all())}
    good, bad = by_ref["component:default/llm"], by_ref["component:default/thief"]
    assert good.key == "s3cret-of-vllm" and not good.key_fault
    assert bad.key == "" and "not bound to 127.0.0.2" in bad.key_fault
    assert "s3cret-of-vllm" not in repr(good)
    assert "s3cret-of-vllm" not in json.dumps(
        list(Probe.objects.values_list("settings"))
    )


def test_up_down_and_up_again():
    component()
    is_up()
    assert state() == "up"
    found("bad", error="refused")
    found("bad", error="refused")
    assert state() == "up" and check().streak == 2
    found("bad", error="refused", detail="No connection.")
    assert state() == "down"
    found()
    assert state() == "down"
    found()
    assert state() == "up"
    told = Transition.objects.filter(probe=None).order_by("pk")
    assert [(t.before, t.after) for t in told] == [
        ("unknown", "up"),
        ("up", "down"),
        ("down", "up"),
    ]
    assert told[1].error == "refused" and told[1].detail == "No connection."


def test_the_worst_of_several_probes_is_the_state_of_the_entity():
    component(probe="tcp tcp://127.0.0.1:1; tcp tcp://127.0.0.1:2")
    first, second = Check.objects.order_by("pk")
    for row, verdict in ((first, "ok"), (second, "ok"), *[(second, "bad")] * 3):
        (target,) = claiming.targets_of(Check.objects.filter(pk=row.pk))
        recording.record([Result(target, Found(verdict), clock.now())])
    assert state() == "down"
    deciding.pause(second.probe, "Ada", "known")
    assert state() == "up"


def test_silence_becomes_unknown_at_the_moment_when_it_did():
    component(probe="tcp tcp://127.0.0.1:1")
    long_ago = clock.now() - 3600_000
    found(at=long_ago)
    assert states.all_states()[probe().identity_id] == ("unknown",)
    sweeping.sweep()
    assert state() == "unknown"
    last = Transition.objects.filter(probe=None).latest("pk")
    assert last.after == "unknown" and last.at == long_ago + 95_000
    assert not sweeping.sweep()


def test_maintenance_hides_an_outage_until_it_ends():
    entity = component()
    is_up()
    until = timezone.now() + timedelta(hours=1)
    window = deciding.begin_maintenance(entity.pk, until, "Ada", "new disk")
    assert state() == "maintenance"
    is_down()
    assert state() == "maintenance"
    window.ends_at = timezone.now() - timedelta(seconds=1)
    window.save()
    sweeping.sweep()
    assert state() == "down"
    deciding.begin_maintenance(entity.pk, until, "Ada", "again")
    deciding.end_maintenance(entity.pk)
    assert state() == "down"


def test_what_a_server_tells_of_itself_is_kept_and_its_changes_are_told():
    component()
    found("ok", "serving", models=["a"], version="0.31")
    assert probe().serves == ["a"] and not Change.objects.exists()
    found("ok", "serving", models=["b"], version="0.32")
    changes = Change.objects.order_by("pk").values_list("what", "before", "after")
    assert list(changes) == [("version", "0.31", "0.32"), ("models", "a", "b")]


def test_use_is_counted_without_our_own():
    component()
    now = clock.now()
    counters = {"requests": 10.0, "prompt_tokens": 100.0, "output_tokens": 50.0}
    found("ok", "metrics", counters=counters, load={}, at=now)
    more = {"requests": 14.0, "prompt_tokens": 160.0, "output_tokens": 70.0}
    found("ok", "metrics", counters=more, load={}, at=now + 15_000)
    found("ok", "serving", spent=Spent(1, 5, 1), at=now + 16_000)
    use = Usage.objects.get()
    assert (use.requests, use.prompt_tokens, use.output_tokens) == (4, 60, 20)
    assert (use.own_requests, use.own_prompt_tokens, use.covered) == (1, 5, 15)


def test_a_stalled_server_is_down_without_a_second_look():
    component()
    is_up()
    frozen = {"running": 3.0, "waiting": 5.0}
    for number in range(3):
        at = clock.now() + number * 15_000
        found("ok", "metrics", load=dict(frozen), counters={"steps": 7.0}, at=at)
    assert state() == "down"
    assert "Answers, but does nothing. 3 running and 5 waiting" in probe().detail


def test_a_removed_probe_takes_its_late_result_with_it():
    component(probe="tcp tcp://127.0.0.1:1")
    (target,) = claiming.targets_of(Check.objects.all())
    component(probe="")
    recording.record([Result(target, Found(), clock.now())])
    assert not Sample.objects.exists()


def test_queries_of_a_batch_do_not_grow_with_it(django_assert_max_num_queries):
    for number in range(12):
        component(f"c{number}", f"tcp tcp://127.0.0.1:{number + 1}")
    targets = claiming.targets_of(Check.objects.all())
    results = [Result(target, Found(latency=3.0), clock.now()) for target in targets]
    with django_assert_max_num_queries(24):
        recording.record(results)


def test_looks_are_summed_up_and_the_sums_are_the_same_when_made_again():
    component(probe="tcp tcp://127.0.0.1:1")
    start = clock.now() // 3_600_000 * 3_600_000 - 7_200_000
    for minute in range(10):
        verdict = "bad" if minute == 4 else "ok"
        found(
            verdict, latency=None if minute == 4 else 20.0, at=start + minute * 60_000
        )
    rolling.roll_up(start + 7_200_000)
    five = Rollup.objects.filter(seconds=300).order_by("at")
    assert [(row.looks, row.bad) for row in five] == [(5, 1), (5, 0)]
    (hour,) = Rollup.objects.filter(seconds=3600)
    assert hour.looks == 10 and sum(json.loads(hour.histogram).values()) == 10
    assert rolling.roll_up(start + 7_200_000) == 0


def test_old_looks_go_and_changes_of_state_stay():
    component(probe="tcp tcp://127.0.0.1:1")
    now = clock.now()
    found(at=now - 3 * 86_400_000)
    found(at=now)
    rolling.forget(now)
    assert Sample.objects.count() == 1
    assert Transition.objects.filter(probe=None).exists()


def test_uptime_counts_what_is_known():
    entry = {"type": "tcp", "url": "tcp://127.0.0.1:1", "every": {"alive": 600}}
    entity = component(probe="", probes=[entry])
    now = clock.now()
    for minutes, verdicts in ((60, "ok"), (30, "bad"), (15, "ok")):
        for number in range(3 if verdicts == "bad" else 2):
            found(verdicts, at=now - minutes * 60_000 + number)
    # A look tells something for three intervals: half an hour.
    line = uptime.timelines([entity.pk], now - 7_200_000, now)[entity.pk]
    assert [span.state for span in line] == ["unknown", "up", "down", "up"]
    up = uptime.uptime(line)
    assert up.outages == 1 and abs(up.down - 15 * 60_000) < 100
    assert up.share and 0.74 < up.share < 0.76 and 0.49 < up.known < 0.51


def test_a_faulty_probe_of_a_document_is_told_in_the_state():
    component(probe="vlm http://127.0.0.1:1")
    status = Status.objects.get()
    assert status.state == "unknown" and "no probe" in status.detail


def test_a_server_that_just_stopped_working_is_asked_for_work_at_once():
    component()
    at = clock.now()
    Check.objects.filter(level="serving").update(due=at + 50_000)
    found("ok", "metrics", load={"running": 4.0}, counters={"steps": 7.0}, at=at)
    assert check(level="serving").due == at + 50_000
    idle: Any = {"load": {"running": 0.0}, "counters": {"steps": 9.0}}
    found("ok", "metrics", at=at + 15_000, **idle)
    assert check(level="serving").due == at + 15_000
