"""Webhooks: which events, once each, signed, tried again, given up, after a crash."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.entities.models import Entity, Finding, Identity, Revision
from catalog.probes import clock
from catalog.probes.models import Probe, Transition
from portal.accounts.models import Account
from portal.webhooks import gathering, keeping, outbox, reading
from portal.webhooks.models import Delivery, Known, Place, Webhook
from portal.webhooks.signing import secret_of
from tests import people, receiving
from tests.catalog.documents import declare, document
from tests.portal.hooked import at, hook, later, run, told

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

DESK = "component:default/desk"
DOCS = Path(__file__).parents[2] / "portal/docs/webhooks.md"


@pytest.fixture
def alice() -> Account:
    return people.alice()


def desk(**parts) -> None:
    declare(document(name="desk", title="The desk", **parts))


def identity() -> Identity:
    return Identity.objects.get(ref=DESK)


def is_from_greenroom(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """The receiver of the help, as it stands there."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert len(code.strip().splitlines()) <= 11
    names: dict[str, Any] = {}
    exec(code, names)
    lower = {name.lower(): value for name, value in headers.items()}
    return bool(names["is_from_greenroom"](secret, lower, body))


def test_a_change_arrives_signed_and_says_what_changed(alice, settings):
    settings.GREENROOM_URL = "https://green.lab.example/g"
    with receiving.web() as server:
        made = hook(alice, at(server))
        desk()
        run()
        run()
        (request,) = server.requests
    body = request.body.encode()
    assert is_from_greenroom(secret_of(made), request.headers, body)
    assert not is_from_greenroom(secret_of(made), request.headers, body + b" ")
    revision = Revision.objects.get(identity__ref=DESK)
    said = json.loads(body)
    assert said["type"] == "entity.added"
    assert said["timestamp"].endswith("Z")
    assert said["data"] == {
        "ref": DESK,
        "kind": "component",
        "title": "The desk",
        "url": "https://green.lab.example/g/catalog/default/component/desk/",
        "action": "added",
        "door": "test",
        "source": revision.source_name,
        "commit": None,
        "author": None,
        "reason": None,
        "revision": revision.pk,
    }
    one = Delivery.objects.get()
    assert (one.state, one.status, one.tries, one.error) == ("sent", 200, 1, "")
    assert one.response == "{}" and one.took is not None
    assert {k.lower(): v for k, v in request.headers.items()}[
        "webhook-id"
    ] == one.message_id


def test_an_old_call_is_not_taken_again(alice, monkeypatch):
    with receiving.web() as server:
        made = hook(alice, at(server))
        desk()
        run()
    (request,) = server.requests
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 600)
    body = request.body.encode()
    assert not is_from_greenroom(secret_of(made), request.headers, body)


def test_for_a_day_both_secrets_sign(alice):
    with receiving.web() as server:
        made = hook(alice, at(server))
        old = secret_of(made)
        new = keeping.renew(made, alice)
        assert new != old and new.startswith("whsec_")
        desk()
        run()
        Webhook.objects.update(renewed_at=later(hours=-25))
        keeping.test(made, alice)
        run()
        first, second = server.requests
    for secret, request, fits in (
        (old, first, True),
        (new, first, True),
        (old, second, False),
        (new, second, True),
    ):
        body = request.body.encode()
        assert is_from_greenroom(secret, request.headers, body) is fits


def test_every_kind_of_event_comes_once(alice):
    hook(alice, sight=Webhook.MAKER)
    desk()
    probe = Probe.objects.create(identity=identity(), prober="http", url="http://a/b")
    for one in (probe, None):
        Transition.objects.create(
            identity=identity(),
            probe=one,
            at=clock.now(),
            before="up",
            after="down",
            error="refused",
            detail="10.0.0.7 is away",
        )
    gathering.gather()
    desk(annotations={"greenroom/tier": "odd"})
    gathering.gather()
    desk()
    Entity.objects.filter(ref=DESK).update(orphan_since=timezone.now())
    gathering.gather()
    gathering.gather()
    assert told() == [
        (kind, DESK)
        for kind in (
            "entity.added",
            "probe.changed",
            "status.changed",
            "entity.changed",
            "finding.opened",
            "entity.changed",
            "entity.orphaned",
            "finding.closed",
        )
    ]
    check_bodies(probe)


def check_bodies(probe: Probe) -> None:
    """What each of these events says, and that none says more."""
    data = [json.loads(one.body)["data"] for one in Delivery.objects.order_by("pk")]
    assert data[1]["probe"] == {"id": str(probe.uid), "prober": "http", "title": None}
    assert (data[1]["from"], data[1]["to"], data[1]["error"]) == (
        "up",
        "down",
        "refused",
    )
    assert "probe" not in data[2]
    opened, closed = data[4], data[7]
    assert opened["code"] == "unknown-value" and opened["message"]
    assert opened == closed
    everything = "".join(Delivery.objects.values_list("body", flat=True))
    for text in ("apiVersion", "10.0.0.7", "http://a/b"):
        assert text not in everything


def test_it_is_told_only_what_it_asked_for(alice):
    hook(alice, events="entity.changed", query="tag:gold")
    desk()
    declare(document(name="other", tags=["gold"]))
    gathering.gather()
    desk(description="x")
    declare(document(name="other", tags=["gold"], description="x"))
    gathering.gather()
    assert told() == [("entity.changed", "component:default/other")]


def test_a_query_that_is_none_any_more_lets_nothing_through(alice):
    hook(alice, query="nofield:(")
    desk()
    assert gathering.gather() == 0


def test_what_was_before_is_not_told(alice):
    desk(annotations={"greenroom/tier": "odd"})
    assert gathering.gather() == 0
    made = hook(alice)
    assert gathering.gather() == 0
    keeping.pause(made, alice)
    desk(description="while it was paused")
    gathering.gather()
    keeping.resume(made, alice)
    assert gathering.gather() == 0 and told() == []


def test_it_rests_with_its_account(alice):
    bob = people.bob()
    hook(bob)
    hook(alice, title="Other")
    Account.objects.filter(pk=bob.pk).update(is_active=False)
    desk()
    gathering.gather()
    assert [one.webhook.title for one in Delivery.objects.all()] == ["Other"]
    waiting = Delivery.objects.get()
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    assert outbox.due() == [] and outbox.deliver(waiting.webhook_id) == 0


def test_a_finding_that_moves_is_not_told_again(alice):
    desk(annotations={"greenroom/tier": "odd"})
    hook(alice, events="finding.opened finding.closed")
    row = Finding.objects.get(subject=DESK)
    row.delete()
    row.pk, row.line = None, 7
    row.save()
    assert gathering.gather() == 0
    assert Known.objects.filter(kind="finding", key=row.pk).exists()


def test_a_row_that_is_committed_late_is_not_lost(alice):
    hook(alice, events="status.changed")
    desk()
    made = [
        Transition(identity=identity(), at=clock.now(), before="up", after=after)
        for after in ("down", "up", "busy")
    ]
    Transition.objects.bulk_create(made)
    # Its transaction ends after those of the later ones.
    Transition.objects.filter(pk=made[1].pk).delete()
    gathering.gather()
    assert str(made[1].pk) in json.loads(Place.objects.get(name="transition").gaps)
    Transition.objects.bulk_create([made[1]])
    assert gathering.gather() == 1 and gathering.gather() == 0
    to = [json.loads(one.body)["data"]["to"] for one in Delivery.objects.order_by("pk")]
    assert to == ["down", "busy", "up"]
    assert str(made[1].pk) not in json.loads(Place.objects.get(name="transition").gaps)


def test_nothing_is_looked_for_for_ever():
    place = Place(name="x", done=1, gaps=json.dumps({"1": 5}))
    assert reading.take(place, Revision.objects.all(), reading.PATIENCE + 6) == []
    assert place.gaps == "{}"


def test_more_than_one_batch_is_told_completely(alice, monkeypatch):
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    hook(alice, events="entity.added")
    declare(*(document(name=f"n{number}") for number in range(8)))
    while gathering.gather():
        pass
    assert len(told()) == len(set(told())) == 8


def test_as_many_queries_for_many_as_for_one(alice):
    hook(alice, events="entity.added")

    def cost(number: int) -> int:
        name = f"m{number}x"
        declare(*(document(name=f"{name}{each}") for each in range(number)))
        with CaptureQueriesContext(connection) as asked:
            assert gathering.gather() == number
        return len(asked)

    cost(1)
    assert cost(2) == cost(40)
