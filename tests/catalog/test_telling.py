"""Telling people: which changes, in which words, once, again after a failure."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from catalog.entities.models import Entity, Identity
from catalog.entities.viewer import EVERYTHING
from catalog.probes import clock, outbox, telling, words
from catalog.probes.messenger import Messenger
from catalog.probes.models import Probe, Receiver, Status, Transition
from catalog.probes.notices import Notice, Told
from tests import people, receiving

pytestmark = pytest.mark.storage

MINUTE = 60_000
VLLM = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: vllm
  title: vLLM on Mac Studio
  annotations: {greenroom/runbook: "https://wiki.lab.example/vllm"}
spec: {type: model-server, lifecycle: production, owner: group:default/ops}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: ops, title: Operations}
spec: {type: team, children: []}
"""


def vllm() -> Identity:
    """The entity that is told of."""
    people.declare(VLLM)
    rows = Entity.objects.visible_to(EVERYTHING)
    return rows.get(ref="component:default/vllm").identity


def receiver(address: str = "json://127.0.0.1:1/", name: str = "Hook") -> Receiver:
    return Receiver.objects.create(name=name, address=address)


def moved(identity, before, after, at=None, detail="", **fields) -> Transition:
    """A change of an entity, now or at a moment."""
    moment = at or clock.now()
    return Transition.objects.create(
        identity=identity,
        at=moment,
        before=before,
        after=after,
        detail=detail,
        **fields,
    )


def titles() -> list[str]:
    return list(Notice.objects.order_by("pk").values_list("title", flat=True))


def test_down_and_up_are_told_in_words(db, settings):
    settings.GREENROOM_URL = "https://green.lab.example/g"
    settings.GREENROOM_TIME_ZONE = "Europe/Berlin"
    identity, _ = vllm(), receiver()
    now = clock.now()
    detail = "Answers, but serves nothing. No token within 30 s."
    down = moved(identity, "up", "down", now - 12 * MINUTE, detail)
    assert telling.tell(now) == 1
    moved(identity, "down", "up", now)
    assert telling.tell(now) == 1
    assert telling.tell(now) == 0
    first, second = Notice.objects.order_by("pk")
    assert first.title == "vLLM on Mac Studio is down: answers, but serves nothing"
    zone = clock.moment(down.at).astimezone(ZoneInfo("Europe/Berlin"))
    assert first.body.splitlines() == [
        detail,
        f"Since {zone:%Y-%m-%d %H:%M %Z}.",
        "Owner: Operations.",
        "Runbook: https://wiki.lab.example/vllm",
        "https://green.lab.example/g/catalog/default/component/vllm/",
    ]
    assert (first.is_bad, second.is_bad) == (True, False)
    assert second.title == "vLLM on Mac Studio is up again after 12 min"


def test_without_an_address_of_the_house_it_says_so(db):
    identity, _ = vllm(), receiver()
    moved(identity, "busy", "down", error="refused")
    telling.tell()
    notice = Notice.objects.get()
    assert notice.title == "vLLM on Mac Studio is down: connection refused"
    assert "GREENROOM_URL is not set" in notice.body


def test_what_comes_back_otherwise_than_declared_is_not_called_up(db):
    identity, _ = vllm(), receiver()
    moved(identity, "up", "down", clock.now() - 6 * MINUTE)
    moved(identity, "down", "degraded", detail="It serves other, not this. It lists 1.")
    telling.tell()
    assert titles()[-1] == (
        "vLLM on Mac Studio answers again after 6 min, and is degraded: it serves "
        "other, not this"
    )


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (["up", "down"], ["is down"]),
        (["unknown", "down"], []),
        (["unknown", "down", "up"], []),
        (["unknown", "up", "unknown", "down"], ["is down"]),
        (["up", "down", "unknown", "down"], ["is down"]),
        (["up", "down", "unknown", "up"], ["is down", "is up again"]),
        (["up", "down", "degraded"], ["is down", "answers again"]),
        (["up", "down", "maintenance", "busy"], ["is down", "is up again"]),
        (["unknown", "up", "busy", "degraded", "up"], []),
        (["up", "maintenance", "up"], []),
        (["up", "unknown", "up"], []),
    ],
)
def test_what_is_told_of_a_life(path, told, db):
    identity, _ = vllm(), receiver()
    for before, after in pairwise(path):
        moved(identity, before, after)
        telling.tell()
    assert [title.removeprefix("vLLM on Mac Studio ")[:11] for title in titles()] == [
        text[:11] for text in told
    ]
    assert not Transition.objects.filter(told_at=None).exists()


def test_old_news_is_noted_and_not_told(db):
    identity, _ = vllm(), receiver()
    moved(identity, "up", "down", clock.now() - 61 * MINUTE)
    assert telling.tell() == 0
    moved(identity, "down", "up", clock.now())
    telling.tell()
    assert titles() == ["vLLM on Mac Studio is up again after 1 h 1 min"]
    moved(identity, "up", "down")
    telling.tell()
    assert len(titles()) == 2


def test_changes_of_probes_are_not_those_of_the_entity(db):
    identity, _ = vllm(), receiver()
    probe = Probe.objects.create(identity=identity, prober="tcp")
    moved(identity, "up", "down", probe=probe)
    assert telling.tell() == 0
    assert not titles()


def test_flapping_is_told_once_and_then_how_it_stands(db):
    identity, _ = vllm(), receiver()
    now = clock.now() - 40 * MINUTE
    moved(identity, "up", "down", now)
    telling.tell(now)
    moved(identity, "down", "up", now + MINUTE, flapping=True)
    telling.tell(now + MINUTE)
    for minute in range(2, 8):
        before, after = ("up", "down") if minute % 2 == 0 else ("down", "up")
        moved(identity, before, after, now + minute * MINUTE, flapping=True)
        telling.tell(now + minute * MINUTE)
    assert [title.split(" is ")[1][:8] for title in titles()] == ["down", "flapping"]
    Status.objects.create(identity=identity, state="up", since=now + 7 * MINUTE)
    assert telling.tell(now + 21 * MINUTE) == 0
    assert telling.tell(now + 23 * MINUTE) == 1
    assert titles()[-1] == "vLLM on Mac Studio is stable again: up for 15 min"
    assert telling.tell(now + 23 * MINUTE) == 0
    moved(identity, "up", "down", now + 24 * MINUTE)
    telling.tell(now + 24 * MINUTE)
    assert len(titles()) == 4


def test_one_that_stays_down_after_flapping_is_told_as_down(db):
    identity, _ = vllm(), receiver()
    now = clock.now() - 40 * MINUTE
    moved(identity, "up", "down", now, "Refused.", flapping=True)
    telling.tell(now)
    Status.objects.create(identity=identity, state="down", since=now, detail="Refused.")
    telling.tell(now + 16 * MINUTE)
    assert titles()[-1] == "vLLM on Mac Studio is down: refused"


def test_what_is_gone_is_not_told(db):
    gone = Identity.objects.create()
    receiver()
    moved(gone, "up", "down")
    assert telling.tell() == 0
    assert not titles()


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_and_send_once():
    identity = vllm()
    with receiving.web() as server:
        receiver(f"json://{server.at}/")
        for _ in range(5):
            moved(identity, "up", "down")
            moved(identity, "down", "up")
        start = threading.Barrier(2)

        def work() -> None:
            start.wait()
            telling.tell()
            outbox.send_due()
            connection.close()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outbox.send_due()
    assert len(titles()) == 1
    assert len(server.requests) == 1


def test_a_message_is_sent_and_noted(db):
    identity = vllm()
    with receiving.web() as server:
        hook = receiver(f"json://{server.at}/")
        Receiver.objects.create(name="Off", address="json://h.lan", enabled=False)
        moved(identity, "up", "down", detail="No answer.")
        Messenger().round()
        Messenger().round()
    [request] = server.requests
    assert json.loads(request.body)["title"] == "vLLM on Mac Studio is down: no answer"
    hook.refresh_from_db()
    assert hook.sent_at is not None
    assert (hook.failed_at, hook.fault) == (None, "")
    assert Notice.objects.get().done_at is not None


def test_a_failed_one_is_tried_again_and_others_are_not_held_up(db):
    identity, now = vllm(), clock.now()
    with receiving.web() as bad, receiving.web() as good:
        bad.status = 503
        broken = receiver(f"json://{bad.at}/", "Broken")
        receiver(f"json://{good.at}/", "Good")
        moved(identity, "up", "down")
        telling.tell(now)
        assert outbox.send_due(now) == 1
        broken.refresh_from_db()
        assert "503" in broken.fault
        for wait in outbox.WAITS:
            assert outbox.send_due(now + (wait - 1) * 1000) == 0
            now += wait * 1000
            outbox.send_due(now)
        outbox.send_due(now + 30 * MINUTE)
        assert (len(bad.requests), len(good.requests)) == (4, 1)
        notice = Notice.objects.get(receiver=broken)
        assert notice.done_at is not None
        assert "503" in notice.fault


def test_one_that_recovers_in_time_is_sent(db):
    identity, now = vllm(), clock.now()
    with receiving.web() as server:
        server.status = 503
        hook = receiver(f"json://{server.at}/")
        moved(identity, "up", "down")
        telling.tell(now)
        outbox.send_due(now)
        server.status = 200
        assert outbox.send_due(now + 30_000) == 1
        hook.refresh_from_db()
        assert (hook.fault, hook.failed_at) == ("", None)
        assert Notice.objects.get().fault == ""


def test_newer_news_overtakes_what_waits(db):
    identity, now = vllm(), clock.now()
    receiver()
    moved(identity, "up", "down", now)
    telling.tell(now)
    outbox.send_due(now)
    moved(identity, "down", "up", now + 1000)
    telling.tell(now + 1000)
    old, new = Notice.objects.order_by("pk")
    assert "newer news" in old.fault
    assert new.done_at is None


def test_a_worker_that_dies_while_it_sends_loses_nothing(db):
    identity, now = vllm(), clock.now()
    with receiving.web() as server:
        receiver(f"json://{server.at}/")
        moved(identity, "up", "down")
        telling.tell(now)
        outbox._claim(Notice.objects.get(), now)
        assert outbox.send_due(now + 30_000) == 0
        assert outbox.send_due(now + 61_000) == 1


def test_old_messages_are_not_sent_and_forgotten_after_a_week(db):
    identity, now = vllm(), clock.now()
    receiver()
    moved(identity, "up", "down")
    telling.tell(now)
    assert outbox.send_due(now + 61 * MINUTE) == 0
    assert "an hour old" in Notice.objects.get().fault
    week = int(timedelta(days=8).total_seconds()) * 1000
    assert outbox.forget(now + week) == 1


def test_what_was_told_goes_with_its_entity(db):
    identity, _ = vllm(), receiver()
    moved(identity, "up", words.DOWN)
    telling.tell()
    assert Told.objects.get().said == words.DOWN
