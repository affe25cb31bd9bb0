"""Settings, Webhooks: who may, what is refused, the secret once, a test, again."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.accounts.models import Account, AuditEvent
from portal.webhooks import keeping
from portal.webhooks.models import Delivery, Webhook
from portal.webhooks.signing import secret_of
from tests import people, receiving
from tests.portal.hooked import at, hook, run
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db

LIST, ADD = "/settings/webhooks/", "/settings/webhooks/add/"
FORM = {
    "title": "Inventory",
    "address": "http://127.0.0.1:1/in",
    "events": ["entity.added", "finding.opened"],
    "query": "",
    "sight": "signed-in",
}
POSTED = ("test/", "pause/", "resume/", "renew/")


@pytest.fixture
def alice() -> Account:
    return people.alice()


@pytest.fixture
def admin(alice) -> Client:
    return people.signed_in(alice)


def delivery(webhook: Webhook, number: int = 1, **fields) -> Delivery:
    fields = {"error": "It answers 503.", "tries": 1, "status": 503, **fields}
    return Delivery.objects.create(
        webhook=webhook,
        key=f"{number}",
        type="entity.added",
        subject="component:default/desk",
        body="{}",
        tried_at=timezone.now(),
        **fields,
    )


@pytest.mark.parametrize("make", [people.bob, people.charlie])
def test_only_administrators_reach_webhooks(make, alice, admin):
    one, client = hook(alice), people.signed_in(make())
    row = delivery(one)
    pages = [LIST, ADD, f"{LIST}{one.pk}/", f"{LIST}{one.pk}/remove/"]
    for address in pages:
        assert admin.get(address).status_code == 200
    again = f"{LIST}{one.pk}/deliveries/{row.pk}/again/"
    for address in [*pages, again, *(f"{LIST}{one.pk}/{name}" for name in POSTED)]:
        for response in (client.get(address), client.post(address, FORM)):
            assert response.status_code == 403
            assert "Inventory" not in response.content.decode()
    assert f'href="{LIST}"' not in page(client, "/search/?q=webhooks")
    assert Webhook.objects.count() == 1


def test_a_stranger_is_asked_to_sign_in(settings, alice):
    settings.GREENROOM_PUBLIC = True
    one = hook(alice)
    for address in (LIST, ADD, f"{LIST}{one.pk}/"):
        assert Client().get(address)["Location"] == f"/login/?next={address}"


def test_without_a_webhook_the_page_says_what_to_do(admin, settings):
    html = page(admin, LIST)
    assert "No program is told yet" in html and "/help/webhooks/" in html
    assert "GREENROOM_URL" in html
    assert f'href="{LIST}"' in page(admin, "/settings/")
    assert f'href="{LIST}"' in page(admin, "/search/?q=webhooks")
    assert "is_from_greenroom" in page(admin, "/help/webhooks/")


def test_a_webhook_is_added_changed_and_removed(admin, alice):
    answer = admin.post(ADD, FORM)
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    one = Webhook.objects.get()
    secret = secret_of(one)
    assert unescape(answer.content.decode()).count(secret) == 1
    assert (one.types, one.sight) == (FORM["events"], "signed-in")
    assert one.created_by == alice
    mine = f"{LIST}{one.pk}/"
    for address in (LIST, mine, ADD):
        assert "whsec_" not in unescape(page(admin, address))
    assert "nothing sent yet" in page(admin, LIST)
    changed = {**FORM, "title": "Stock", "query": "kind:model", "sight": "public"}
    assert admin.post(mine, changed)["Location"] == mine
    one.refresh_from_db()
    assert (one.title, one.query, one.sight) == ("Stock", "kind:model", "public")
    assert secret_of(one) == secret
    renewed = unescape(admin.post(f"{mine}renew/").content.decode())
    (new,) = set(re.findall(r"whsec_[\w+/=]+", renewed))
    assert new != secret and "For a day the former one signs too" in renewed
    admin.post(f"{mine}pause/")
    assert "It is told nothing until you resume it" in page(admin, mine)
    admin.post(f"{mine}resume/")
    assert "Remove Stock" in page(admin, f"{mine}remove/")
    assert admin.post(f"{mine}remove/")["Location"] == LIST
    assert not Webhook.objects.exists()
    rows = AuditEvent.objects.filter(action__in=keeping.ACTIONS).order_by("pk")
    assert list(rows.values_list("action", "actor_name")) == [
        (action, "alice")
        for action in (
            keeping.ADDED,
            keeping.CHANGED,
            keeping.RENEWED,
            keeping.PAUSED,
            keeping.RESUMED,
            keeping.REMOVED,
        )
    ]
    assert not AuditEvent.objects.filter(detail__contains="whsec_").exists()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("address", "ftp://a.lan/", "is not an http or https URL"),
        ("address", "http://user:pw@a.lan/", "holds a user name or a password"),
        ("address", "http://169.254.169.254/", "never asks"),
        ("address", "http://8.8.8.8/", "use https"),
        ("address", "", "required"),
        ("events", [], "one at least"),
        ("events", ["entity.eaten"], "entity.eaten"),
        ("query", "kind:(", "kind:("),
        ("title", "Taken", "There is a webhook of this title"),
        ("sight", "all", "all is not one"),
    ],
)
def test_what_is_refused_is_told_and_nothing_is_lost(admin, alice, field, value, said):
    hook(alice, title="Taken")
    answer = admin.post(ADD, {**FORM, field: value})
    html = unescape(answer.content.decode())
    assert answer.status_code == 422 and said in html
    assert Webhook.objects.count() == 1
    if field != "title":
        assert 'value="Inventory"' in html
    one = Webhook.objects.get()
    if field != "title":
        assert admin.post(f"{LIST}{one.pk}/", {**FORM, field: value}).status_code == 422


def test_a_secret_in_the_address_does_not_come_back(admin):
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5"
    answer = admin.post(ADD, {**FORM, "address": f"https://a.lan/?t={token}"})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert token not in html and "by the signature" in html


def test_there_is_an_end_to_webhooks(admin, alice, monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 1)
    hook(alice, title="One")
    answer = admin.post(ADD, FORM)
    assert answer.status_code == 422 and b"1 webhooks already" in answer.content


def test_a_test_is_sent_and_shown(admin, alice):
    with receiving.web() as server:
        one = hook(alice, at(server))
        assert admin.post(f"{LIST}{one.pk}/test/")["Location"] == f"{LIST}{one.pk}/"
        assert "every 2s" in page(admin, f"{LIST}{one.pk}/")
        run()
        assert '"type": "webhook.test"' in server.requests[0].body
    html = page(admin, f"{LIST}{one.pk}/")
    for text in ("webhook.test", "taken", "It answered 200.", "1 try", "every 15s"):
        assert text in html
    admin.post(f"{LIST}{one.pk}/pause/")
    admin.post(f"{LIST}{one.pk}/test/")
    assert "is paused. Resume it first." in page(admin, f"{LIST}{one.pk}/")
    assert Delivery.objects.count() == 1


def test_what_was_not_taken_is_sent_again_by_hand(admin, alice):
    one = hook(alice)
    row = delivery(one, state=Delivery.GAVE_UP, tries=8)
    html = page(admin, f"{LIST}{one.pk}/")
    assert "The last delivery was given up." in html and "It answers 503." in html
    assert "given up" in page(admin, LIST)
    again = f"{LIST}{one.pk}/deliveries/{row.pk}/again/"
    assert again in html
    admin.post(again)
    row.refresh_from_db()
    assert (row.state, row.tries) == (Delivery.WAITING, 0)
    other = hook(alice, title="Other")
    wrong = f"{LIST}{other.pk}/deliveries/{row.pk}/again/"
    assert admin.post(wrong).status_code == 404
    Delivery.objects.update(state=Delivery.SENT, error="")
    admin.post(again)
    assert "was taken by now" in unescape(page(admin, LIST))
    assert Delivery.objects.get(pk=row.pk).state == Delivery.SENT


def test_an_answer_is_text_and_nothing_else(admin, alice):
    one = hook(alice)
    delivery(one, response="<script>alert(1)</script>")
    html = page(admin, f"{LIST}{one.pk}/")
    assert "&lt;script&gt;alert(1)" in html and "<script>alert" not in html


def test_one_that_rests_says_why(admin, alice):
    bob = people.bob()
    one = hook(bob)
    Account.objects.filter(pk=bob.pk).update(is_active=False)
    assert "rests" in page(admin, LIST)
    assert "The account that added it is not active" in page(admin, f"{LIST}{one.pk}/")
    admin.post(f"{LIST}{one.pk}/test/")
    assert not Delivery.objects.exists()
    Account.objects.filter(pk=bob.pk).delete()
    assert "an account that is gone" in page(admin, f"{LIST}{one.pk}/")


def test_a_query_that_is_none_any_more_is_told_on_the_page(admin, alice):
    one = hook(alice, query="kind:(")
    html = page(admin, f"{LIST}{one.pk}/")
    assert "Nothing is told: its query cannot be asked." in html


def test_as_many_queries_for_many_as_for_one(admin, alice):
    one = hook(alice)
    delivery(one)

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            page(admin, address)
        return len(asked)

    before = [cost(address) for address in (LIST, f"{LIST}{one.pk}/")]
    for number in range(2, 40):
        delivery(one, number)
    for title in ("B", "C", "D"):
        delivery(hook(alice, title=title))
    assert [cost(address) for address in (LIST, f"{LIST}{one.pk}/")] <= before


def test_the_deliveries_keep_themselves_up_to_date(admin, alice):
    one = hook(alice)
    delivery(one)
    address = f"{LIST}{one.pk}/"
    first = admin.get(address, headers={"HX-Request": "true"})
    assert b"<html" not in first.content and b"It answers 503." in first.content
    same = admin.get(
        address, headers={"HX-Request": "true", "If-None-Match": first["ETag"]}
    )
    assert same.status_code == 304
