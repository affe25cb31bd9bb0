"""Badges: a small picture that is true, escaped, and told to those who may see it."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.test import Client

from catalog.entities.models import Entity
from catalog.probes import words
from portal.web.badge import Badge
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_leaks import body
from tests.seen import HOUR, MINUTE, became, probed

pytestmark = pytest.mark.django_db

WEB = "/badges/default/component/web.svg"
PUBLIC = {"greenroom/visibility": "public"}


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


def said(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"].startswith("image/svg+xml")
    name = ElementTree.fromstring(response.content).get("aria-label")
    assert name is not None
    return name


def test_it_says_the_state(viewer):
    declare(document(name="web", title="Web"))
    assert said(viewer, WEB) == "Web: unknown"
    probed("component:default/web")
    assert said(viewer, WEB) == "Web: up"


def test_silence_is_unknown_and_grey(viewer):
    declare(document(name="web"))
    probed("component:default/web", fresh=-MINUTE)
    assert said(viewer, WEB) == "web: unknown"
    assert "#5f6470" in viewer.get(WEB).content.decode()


def test_it_says_the_uptime_over_a_range(viewer):
    declare(document(name="web"))
    assert said(viewer, f"{WEB}?kind=uptime") == "web, 30d: unknown"
    probed("component:default/web", ago=2 * HOUR)
    web = Entity.objects.get(name="web")
    became(web, words.UP, words.DOWN, 90 * MINUTE)
    became(web, words.DOWN, words.UP, 60 * MINUTE)
    assert said(viewer, f"{WEB}?kind=uptime&range=24h") == "web, 24h: 75 %"
    assert said(viewer, f"{WEB}?kind=uptime&range=1y") == "web, 30d: 75 %"


def test_it_is_small_and_revalidated(viewer):
    declare(document(name="web"))
    first = viewer.get(WEB)
    assert len(first.content) < 1500
    assert "no-cache" in first["Cache-Control"]
    known = {"If-None-Match": first["ETag"]}
    assert viewer.get(WEB, headers=known).status_code == 304
    probed("component:default/web")
    assert viewer.get(WEB, headers=known).status_code == 200


def test_a_title_is_text_and_not_too_long():
    drawn = Badge('<script>"&' + "x" * 200, "up", "ok").svg()
    assert "<script>" not in drawn
    root = ElementTree.fromstring(drawn)
    assert len(root.get("aria-label") or "") < 70


@pytest.mark.parametrize("more", ["", "?kind=uptime"])
@pytest.mark.parametrize("name", ["charlie", "stranger"])
def test_hidden_and_missing_are_the_same_404(settings, name, more):
    settings.GREENROOM_STATUS_PUBLIC = True
    client = people.signed_in(people.charlie()) if name == "charlie" else Client()
    people.alice()
    declare(document(name="ledger", annotations=seen_by("group:default/finance")))
    probed("component:default/ledger")
    hidden = client.get(f"/badges/default/component/ledger.svg{more}")
    missing = client.get(f"/badges/default/component/nowhere.svg{more}")
    assert hidden.status_code == missing.status_code == 404
    assert dict(hidden.headers) == dict(missing.headers)
    ledger = body(client, f"/badges/default/component/ledger.svg{more}")
    nowhere = body(client, f"/badges/default/component/nowhere.svg{more}")
    assert ledger.replace("ledger", "nowhere") == nowhere


def test_strangers_see_what_is_public():
    people.alice()
    declare(document(name="web", annotations=PUBLIC), document(name="desk"))
    assert said(Client(), WEB) == "web: unknown"
    assert Client().get("/badges/default/component/desk.svg").status_code == 302
    assert Client().get("/badges/default/component/none.svg").status_code == 302
