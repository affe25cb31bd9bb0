"""Webhooks tell nothing of what they may not see, at no moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.entities.models import Entity, Finding, Identity
from catalog.probes import clock
from catalog.probes.models import Transition
from catalog.sources import applying
from catalog.sources.applying import Cause
from portal.accounts.models import Account, Role
from portal.webhooks import gathering, outbox
from portal.webhooks.models import Delivery, Webhook
from tests import people, receiving
from tests.catalog.documents import declare, document, seen_by
from tests.portal.hooked import at, hook, run, told

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

FINANCE = "group:default/finance-ops"
LEDGER = "component:default/ledger"


@pytest.fixture
def alice() -> Account:
    declare(document("Group", "finance-ops"), document("Group", "lab"))
    return people.alice()


def ledger(**parts) -> None:
    declare(document(name="ledger", title="Quarterly", **parts))


def hidden(**parts) -> None:
    ledger(annotations={**seen_by(FINANCE), "greenroom/tier": "odd"}, **parts)


def move(to: str, at: int | None = None) -> None:
    Transition.objects.create(
        identity=Identity.objects.get(ref=LEDGER),
        at=at or clock.now(),
        before="up",
        after=to,
    )


def everything_happens() -> None:
    """One event of each sort, about what is hidden."""
    hidden()
    move("down")
    hidden(description="Quarterly numbers.")
    Entity.objects.filter(ref=LEDGER).update(orphan_since=timezone.now())
    Finding.objects.create(code="yaml", severity="error", path="x", message="Quarterly")
    gathering.gather()
    Finding.objects.filter(subject=LEDGER).delete()
    gathering.gather()
    applying.remove(Entity.objects.get(ref=LEDGER), Cause(door="test"))
    gathering.gather()


@pytest.mark.parametrize("sight", [Webhook.PUBLIC, Webhook.SIGNED_IN])
def test_what_is_hidden_is_told_to_nobody_who_may_not_see_it(alice, sight):
    hook(alice, sight=sight)
    everything_happens()
    assert told() == []


def test_whoever_sees_all_is_told_all(alice):
    hook(alice, sight=Webhook.MAKER)
    everything_happens()
    assert [kind for kind, _ in told()] == [
        "entity.added",
        "entity.changed",
        "status.changed",
        "entity.orphaned",
        "finding.opened",
        "finding.opened",
        "finding.closed",
        "entity.removed",
    ]


def test_a_maker_who_sees_less_is_told_less(alice):
    bob = people.person("bob", "Bob Baker", Role.EDITOR, "finance-ops")
    charlie = people.charlie()
    for one in (bob, charlie):
        hook(one, sight=Webhook.MAKER, title=one.username, events="entity.added")
    hidden()
    declare(document(name="open"))
    gathering.gather()
    rows = Delivery.objects.order_by("pk").values_list("webhook__title", "subject")
    assert sorted(rows) == [
        ("bob", LEDGER),
        ("bob", "component:default/open"),
        ("charlie", "component:default/open"),
    ]


def test_only_what_is_public_is_told_as_to_a_stranger(alice):
    hook(alice, sight=Webhook.PUBLIC)
    declare(document(name="inside"))
    public = {"greenroom/visibility": "public"}
    declare(document(name="outside", annotations=public))
    gathering.gather()
    assert told() == [("entity.added", "component:default/outside")]


def test_a_query_finds_nothing_that_is_hidden(alice):
    hook(alice, query="Quarterly OR kind:component")
    everything_happens()
    assert told() == []


def test_what_was_hidden_stays_hidden_when_it_opens(alice):
    hook(alice)
    hidden()
    move("down")
    Finding.objects.filter(subject=LEDGER).update(message="Quarterly secret")
    old = timezone.now() - timedelta(hours=1)
    Finding.objects.create(
        code="yaml", severity="error", subject=LEDGER, path="x", message="?", since=old
    )
    gathering.gather()
    move("busy", clock.now() - 3_600_000)
    ledger()
    Finding.objects.filter(subject=LEDGER).delete()
    gathering.gather()
    assert told() == [("entity.changed", LEDGER)]
    move("up")
    gathering.gather()
    assert told()[1:] == [("status.changed", LEDGER)]


def test_what_is_closed_before_it_is_sent_is_not_sent(alice):
    with receiving.web() as server:
        hook(alice, at(server), events="entity.added")
        ledger()
        declare(document(name="open"))
        gathering.gather()
        hidden()
        run()
        assert len(server.requests) == 1
        assert LEDGER not in server.requests[0].body
    one = Delivery.objects.get(subject=LEDGER)
    assert (one.state, one.tries) == (Delivery.WITHHELD, 1)
    assert "not for this webhook" in one.error
    assert outbox.due() == []


def test_a_maker_who_is_no_administrator_any_more_is_sent_less(alice):
    with receiving.web() as server:
        hook(alice, at(server), sight=Webhook.MAKER, events="entity.added")
        hidden()
        gathering.gather()
        Account.objects.update(role=Role.VIEWER)
        run()
        assert server.requests == []
    assert Delivery.objects.get().state == Delivery.WITHHELD
