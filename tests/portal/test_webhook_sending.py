"""Sending to webhooks: after a crash, again and again, given up, gone, hanging."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts.models import Account
from portal.webhooks import gathering, keeping, outbox, sending
from portal.webhooks.courier import Courier
from portal.webhooks.models import Delivery
from tests import people, receiving
from tests.catalog.documents import declare, document
from tests.catalog.loopback import wait_for
from tests.portal.hooked import at, bodies, hook, later, run, told

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def alice() -> Account:
    return people.alice()


def desk(**parts) -> None:
    declare(document(name="desk", title="The desk", **parts))


class Crash(Exception):
    """The process dies."""


def test_a_process_that_dies_while_gathering_loses_nothing(alice):
    hook(alice, events="entity.added")
    desk()
    with pytest.raises(Crash), transaction.atomic():
        gathering.gather()
        raise Crash
    assert told() == []
    assert gathering.gather() == 1


def test_a_process_that_dies_while_sending_sends_again(alice, monkeypatch):
    with receiving.web() as server:
        hook(alice, at(server))
        desk()
        gathering.gather()
        (key,) = outbox.due()

        def dies(_):
            raise Crash

        monkeypatch.setattr(outbox, "post_all", dies)
        with pytest.raises(Crash):
            outbox.deliver(key)
        monkeypatch.undo()
        assert outbox.due() == [] and outbox.deliver(key) == 0
        assert outbox.deliver(key, later(seconds=61)) == 1
        (request,) = server.requests
    one = Delivery.objects.get()
    assert (one.state, one.tries) == ("sent", 2)
    assert one.message_id in request.headers.values()


def test_one_that_fails_is_tried_again_ever_later_and_given_up(alice):
    with receiving.web() as server:
        server.status = 503
        hook(alice, at(server))
        desk()
        now = later(seconds=5)
        gathering.gather()
        waits = []
        for _ in range(len(outbox.WAITS) + 1):
            run(now)
            one = Delivery.objects.get()
            took = (one.took or 0) / 1000
            waits.append((one.next_at - now).total_seconds() - took)
            now = one.next_at
        assert one.state == Delivery.GAVE_UP and one.status == 503
        assert one.error == "It answers 503."
        for wait, usual in zip(waits, outbox.WAITS, strict=False):
            assert abs(wait - usual) <= usual * outbox.JITTER
        run(later(days=3))
        assert len(server.requests) == len(outbox.WAITS) + 1
        assert len({request.headers["webhook-id"] for request in server.requests}) == 1
        server.status = 202
        keeping.again(one, alice)
        run()
    one.refresh_from_db()
    assert (one.state, one.tries, one.error) == ("sent", 1, "")


def test_410_gone_pauses_it(alice):
    with receiving.web() as server:
        server.status = 410
        made = hook(alice, at(server))
        desk()
        run()
        made.refresh_from_db()
        assert not made.enabled and "410 Gone" in made.fault
        assert Delivery.objects.get().state == Delivery.GAVE_UP
        desk(description="x")
        run()
        assert len(server.requests) == 1
        server.status = 200
        keeping.resume(made, alice)
        desk(description="later")
        run()
        assert [b["type"] for b in bodies(server)][1:] == ["entity.changed"]


def test_a_redirect_is_not_followed(alice):
    with receiving.web() as server:
        server.status, server.location = 307, "/elsewhere"
        hook(alice, at(server))
        desk()
        run()
        assert [request.path for request in server.requests] == ["/in"]
    assert "which is not followed" in Delivery.objects.get().error


def test_a_receiver_that_is_not_there_is_told_in_words(alice):
    hook(alice, "http://127.0.0.1:1/")
    desk()
    run()
    one = Delivery.objects.get()
    assert (one.status, one.error) == (None, "The connection is refused.")


def has(rows: QuerySet[Delivery], number: int) -> bool:
    return rows.count() == number


@pytest.mark.django_db(transaction=True)
def test_one_that_hangs_lets_nobody_wait(alice):
    courier = Courier()
    with receiving.web(hangs=True) as slow, receiving.web() as quick:
        hook(alice, at(slow), title="A hangs")
        hook(alice, at(quick), title="B is quick")
        for number in range(3):
            desk(description=f"number {number}")
            courier.round()
            taken = Delivery.objects.filter(webhook__title="B is quick", state="sent")
            wait_for(partial(has, taken, number + 1), 4)
        assert slow.requests
        slow.hold.set()
        busy = Delivery.objects.filter(state=Delivery.WAITING)
        wait_for(partial(has, busy.filter(tries=1), 0))
        courier.round()
        wait_for(partial(has, busy, 0))
        for sender in courier._senders.values():
            sender.join(5)
    assert len(slow.requests) == len(quick.requests) == 3


@pytest.mark.django_db(transaction=True)
def test_one_that_hung_is_left_alone_after_that(alice, monkeypatch):
    monkeypatch.setattr(sending, "TIMEOUT", 2.0)
    monkeypatch.setattr(outbox, "WAITS", (1,))
    with receiving.web(hangs=True) as server:
        hook(alice, at(server))
        desk()
        gathering.gather()
        (key,) = outbox.due()
        outbox.deliver(key)
        one = Delivery.objects.get()
        assert one.tried_at is not None
        wait = (one.next_at - one.tried_at).total_seconds()
        assert 0 < wait <= 1 + outbox.JITTER
        server.hold.set()


def test_what_is_old_is_let_go(alice, monkeypatch):
    made = hook(alice)
    now = timezone.now()
    for age, state in ((15, "sent"), (15, "waiting"), (2, "sent"), (1, "sent")):
        Delivery.objects.create(
            webhook=made,
            key=f"{age} {state}",
            type="entity.added",
            body="{}",
            state=state,
            created_at=now - timedelta(days=age),
        )
    assert outbox.forget() == 2
    monkeypatch.setattr(outbox, "_MOST", 1)
    assert outbox.forget() == 1
    assert Delivery.objects.get().key == "1 sent"
