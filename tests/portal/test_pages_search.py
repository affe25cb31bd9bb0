"""Search: options for the palette and a page without script, for whom they may see."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.entities.hot import Line
from catalog.query.hits import matched
from portal.accounts.models import Account
from tests import people
from tests.portal.test_pages_catalog import declare

pytestmark = pytest.mark.django_db

PALETTE = {"X-Requested-With": "palette"}


def line(name: str, title: str, description: str) -> Line:
    ref = f"component:default/{name}"
    return Line(1, ref, "Component", name, title, description, "", "", False)


def test_the_palette_gets_options_with_what_tells_them_apart():
    bob = people.bob()
    declare("whisper", title="Whisper large-v3")
    client = people.signed_in(bob)
    html = client.get("/search/?q=whis", headers=PALETTE).content.decode()
    assert "<html" not in html
    assert 'data-href="/catalog/default/component/whisper/"' in html
    assert 'data-title="Whisper large-v3"' in html
    assert 'data-group="Component"' in html
    assert "service · group:speech" in html or "service · speech" in html


def test_without_script_it_is_a_page():
    client = people.signed_in(people.bob())
    declare("whisper")
    html = client.get("/search/?q=whisper").content.decode()
    assert "<html" in html
    assert 'href="/catalog/default/component/whisper/"' in html
    assert (
        "Nothing has all of these words" in client.get("/search/?q=zz").content.decode()
    )
    assert "What are you looking for" in client.get("/search/").content.decode()


def test_the_hidden_is_not_found():
    bob = people.bob()
    declare("hushed", annotations="greenroom/visibility: user:default/somebody")
    client = people.signed_in(bob)
    html = client.get("/search/?q=hushed", headers=PALETTE).content.decode()
    assert "option" not in html


def test_pages_are_offered_to_those_who_may_open_them():
    admin, editor = people.signed_in(people.alice()), people.signed_in(people.bob())
    viewer = people.signed_in(people.charlie())
    address = "/search/?q=source add"
    assert "/settings/sources/add/" in admin.get(address).content.decode()
    assert "/settings/sources/add/" not in editor.get(address).content.decode()
    paste = "/search/?q=paste"
    assert "/settings/sources/paste/" in editor.get(paste).content.decode()
    assert "/settings/sources/paste/" not in viewer.get(paste).content.decode()


def test_help_is_found_by_its_title():
    client = people.signed_in(people.charlie())
    assert "/help/visibility/" in client.get("/search/?q=who sees").content.decode()


def test_it_costs_few_queries():
    bob = people.bob()
    declare("whisper")
    client = people.signed_in(bob)
    client.get("/search/?q=whis", headers=PALETTE)
    with CaptureQueriesContext(connection) as captured:
        client.get("/search/?q=whis", headers=PALETTE)
    # Full text is two statements, which cost less than one with an order.
    assert len(captured) <= 7, [query["sql"] for query in captured]


@pytest.mark.parametrize(
    ("description", "words", "expected"),
    [
        ("Turns speech into text.", ["speech"], "Turns speech into text."),
        ("Turns speech into text.", ["whisper"], ""),
        ("", ["speech"], ""),
    ],
)
def test_the_matched_text_is_shown_where_the_name_does_not_say_it(
    description, words, expected
):
    entity = line("whisper", "Whisper", description)
    assert matched(entity, words) == expected


def test_a_long_text_is_cut_around_the_match():
    entity = line("a", "", "word " * 60 + "needle " + "word " * 60)
    found = matched(entity, ["needle"])
    assert "needle" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) < 140


def test_strangers_are_asked_to_sign_in():
    Account.objects.create_user("lena", people.PASSWORD, role="admin")
    response = Client().get("/search/?q=x", headers=PALETTE)
    assert response.status_code == 302
