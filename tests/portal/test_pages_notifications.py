"""Settings, Notifications: who may, what is refused, the test, and no secret shown."""

from __future__ import annotations

import json
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from catalog.probes import clock, outbox, telling
from catalog.probes.models import Receiver, Transition
from catalog.probes.notices import Notice
from portal.accounts.models import AuditEvent
from tests import people, receiving
from tests.catalog.registered import registered
from tests.catalog.test_telling import vllm
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db

LIST, ADD = "/settings/notifications/", "/settings/notifications/add/"
FORM = {"name": "Phone", "address": "ntfy://ntfy.lan/ops", "enabled": "on"}


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def token(monkeypatch) -> str:
    monkeypatch.setenv("HOOK_TOKEN", "hunter2hunter2")
    registered("HOOK_TOKEN", hosts="127.0.0.1", uses="notification")
    return "hunter2hunter2"


def phone(address: str = "ntfy://ntfy.lan/ops") -> Receiver:
    return Receiver.objects.create(name="Phone", address=address)


def addresses(one: Receiver) -> list[str]:
    return [LIST, ADD, f"{LIST}{one.pk}/", f"{LIST}{one.pk}/remove/"]


@pytest.mark.parametrize("make", [people.bob, people.charlie])
def test_only_administrators_reach_notifications(make, admin):
    one, client = phone(), people.signed_in(make())
    for address in addresses(one):
        assert admin.get(address).status_code == 200
    for address in [*addresses(one), f"{LIST}{one.pk}/test/"]:
        for response in (client.get(address), client.post(address, FORM)):
            assert response.status_code == 403
            assert "ntfy.lan" not in response.content.decode()
    assert Receiver.objects.count() == 1


def test_a_stranger_is_asked_to_sign_in(settings):
    settings.GREENROOM_PUBLIC = True
    people.alice()
    one = phone()
    for address in addresses(one):
        assert Client().get(address)["Location"] == f"/login/?next={address}"


def test_without_a_receiver_the_page_says_what_to_do(admin, settings):
    html = page(admin, LIST)
    assert "Nobody is told yet" in html
    assert "GREENROOM_URL" in html
    assert "/help/notifications/" in html
    assert f'href="{LIST}"' in page(admin, "/settings/")
    settings.GREENROOM_URL = "https://green.lab.example"
    assert "GREENROOM_URL" not in page(admin, LIST)


def test_a_receiver_is_added_changed_and_removed(admin):
    answer = admin.post(ADD, FORM)
    one = Receiver.objects.get()
    assert answer["Location"] == f"{LIST}{one.pk}/"
    assert (one.address, one.enabled) == ("ntfy://ntfy.lan/ops", True)
    html = page(admin, LIST)
    for text in ("Phone", "ntfy://ntfy.lan/ops", "nothing sent yet"):
        assert text in html
    admin.post(f"{LIST}{one.pk}/", {"name": "Phone", "address": "json://h.lan:81/x"})
    one.refresh_from_db()
    assert (one.address, one.enabled) == ("json://h.lan:81/x", False)
    assert "Every receiver is switched off." in page(admin, LIST)
    assert "Remove Phone" in page(admin, f"{LIST}{one.pk}/remove/")
    assert admin.post(f"{LIST}{one.pk}/remove/")["Location"] == LIST
    assert not Receiver.objects.exists()
    told = AuditEvent.objects.filter(subject="Phone").order_by("pk")
    assert [(one.action, one.detail) for one in told] == [
        ("added the receiver", "ntfy at ntfy.lan:80"),
        ("changed the receiver", "Webhook, JSON at h.lan:81; off"),
        ("removed the receiver", ""),
    ]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("file:///etc/passwd", "file:// is not offered"),
        ("ntfy://ntfy.lan/t?token=${NOBODY}", "NOBODY is not registered"),
        ("json://elsewhere.lan/${HOOK_TOKEN}", "not bound to elsewhere.lan"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(address, says, admin, token):
    answer = admin.post(ADD, {**FORM, "address": address})
    assert answer.status_code == 422
    html = unescape(answer.content.decode())
    assert says in html
    assert address in html
    assert not Receiver.objects.exists()


def test_a_secret_that_is_typed_in_does_not_come_back(admin):
    address = "json://bob:hunter2@h.lan/"
    answer = admin.post(ADD, {**FORM, "address": address})
    assert answer.status_code == 422
    html = unescape(answer.content.decode())
    assert "Register it under Settings, Secrets" in html
    assert 'value="Phone"' in html
    assert "hunter2" not in html
    assert not Receiver.objects.exists()
    assert not AuditEvent.objects.filter(detail__contains="hunter2").exists()


def test_a_secret_that_is_not_set_here_is_a_warning_only(admin):
    registered("HOOK_TOKEN", hosts="h.lan", uses="notification")
    answer = admin.post(
        ADD, {**FORM, "address": "json://h.lan/${HOOK_TOKEN}"}, follow=True
    )
    assert "HOOK_TOKEN is not set in this process" in unescape(answer.content.decode())
    assert Receiver.objects.exists()


def test_a_test_says_what_was_sent_where(admin, token):
    with receiving.web() as server:
        one = phone(f"json://bob:${{HOOK_TOKEN}}@{server.at}/x")
        answer = admin.post(f"{LIST}{one.pk}/test/", follow=True)
        html = unescape(answer.content.decode())
        said = f"“A test from Greenroom” was sent. Webhook, JSON at {server.at} took it"
        assert said in html
        sent = json.loads(server.requests[0].body)["message"]
        assert sent.startswith("The receiver “Phone” works")
        server.status = 401
        answer = admin.post(f"{LIST}{one.pk}/test/", follow=True)
    html = unescape(answer.content.decode())
    assert "was not sent" in html
    assert "401" in html
    assert token not in html
    one.refresh_from_db()
    assert "401" in one.fault
    assert "not taken" in page(admin, LIST)
    assert not AuditEvent.objects.filter(detail__contains=token).exists()


def test_a_test_is_posted(admin):
    assert admin.get(f"{LIST}{phone().pk}/test/").status_code == 405


def test_messages_and_their_fate_are_shown_and_links_lead_to_the_page(admin, settings):
    settings.GREENROOM_URL = "https://green.lab.example"
    identity, one, now = vllm(), phone("json://127.0.0.1:1/"), clock.now()
    Transition.objects.create(
        identity=identity, at=now, before="up", after="down", detail="No answer."
    )
    telling.tell(now)
    assert "waiting" in page(admin, f"{LIST}{one.pk}/")
    outbox.send_due(now)
    html = unescape(page(admin, f"{LIST}{one.pk}/"))
    assert "vLLM on Mac Studio is down: no answer" in html
    assert "did not take it" in html
    path = reverse("entity", args=["default", "component", "vllm"])
    assert f"https://green.lab.example{path}" in Notice.objects.get().body
    assert admin.get(path).status_code == 200
