"""Search: options for the palette and a page without script, for whom they may see."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.entities.hot import Line
from catalog.query.fulltext import Sought
from catalog.query.hits import matched
from catalog.sources.models import Source
from portal.accounts import stars
from portal.accounts.models import Account, SavedView
from portal.web.places import PLACES
from tests import people
from tests.catalog import documents
from tests.catalog.documents import document, seen_by
from tests.portal.test_pages_catalog import declare

pytestmark = pytest.mark.django_db

PALETTE = {"X-Requested-With": "palette"}


def line(name: str, title: str, description: str) -> Line:
    ref = f"component:default/{name}"
    return Line(1, ref, "Component", name, title, description, "", "", "", False)


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


def costs(client: Client, address: str) -> int:
    client.get(address, headers=PALETTE)
    with CaptureQueriesContext(connection) as captured:
        client.get(address, headers=PALETTE)
    return len(captured)


def test_it_costs_few_queries():
    bob, alice = people.bob(), people.alice()
    declare("whisper")
    # Full text is two statements, which cost less than one with an order; an
    # administrator is offered people besides.
    assert costs(people.signed_in(bob), "/search/?q=whis") <= 8
    assert costs(people.signed_in(alice), "/search/?q=whis") <= 9
    for account in (bob, alice):
        stars.put(account, "component:default/whisper", on=True)
        assert costs(people.signed_in(account), "/search/?q=") <= 8


def groups(client: Client, query: str) -> dict[str, str]:
    """What the palette gets, by the headings of its groups."""
    html = client.get(f"/search/?q={query}", headers=PALETTE).content.decode()
    parts = re.split(r'<li role="group" aria-label="([^"]*)"', html)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_people_are_found_and_their_addresses_only_by_administrators():
    admin, bob = people.signed_in(people.alice()), people.bob()
    viewer = people.signed_in(people.charlie())
    assert "bob@example.org" in groups(admin, "bob")["People"]
    assert f"/settings/people/{bob.pk}/" in groups(admin, "baker")["People"]
    assert f"/settings/people/{bob.pk}/" in groups(admin, "bob@exa")["People"]
    found = groups(viewer, "bob")["People"]
    assert "/catalog/default/user/bob/" in found
    for query in ("bob", "baker", "bob@exa", "example"):
        told = "".join(groups(viewer, query).values())
        assert "bob@example.org" not in told and "/settings/people/" not in told


def test_a_hidden_person_is_found_by_nobody_else():
    viewer = people.signed_in(people.charlie())
    hidden = seen_by("group:default/nobody")
    documents.declare(document("User", "ghost", title="Gus Ghost", annotations=hidden))
    assert groups(viewer, "ghost") == {}


def test_every_place_opens_for_those_who_are_offered_it():
    accounts = people.alice(), people.bob(), people.charlie()
    for account in accounts:
        client = people.signed_in(account)
        for title, _, route, _ in PLACES:
            offered = groups(client, title).get("Pages", "")
            href = reverse(route)
            if f'data-href="{href}"' in offered:
                assert client.get(href).status_code == 200, (account, title)
            else:
                assert client.get(href).status_code in (302, 403), (account, title)


def test_saved_views_are_found_by_those_who_see_them():
    bob, charlie = people.bob(), people.charlie()
    SavedView.objects.create(owner=bob, title="Hosts of mine", query="kind=Resource")
    SavedView.objects.create(
        owner=bob, title="Hosts for all", query="kind=API", is_shared=True
    )
    own = groups(people.signed_in(bob), "host")["Saved views"]
    assert "Hosts of mine" in own and 'data-href="/catalog/?kind=Resource"' in own
    theirs = groups(people.signed_in(charlie), "host")["Saved views"]
    assert "Hosts of mine" not in theirs
    assert "Hosts for all" in theirs and "shared by Bob Baker" in theirs


def test_sources_are_read_again_by_a_form_of_administrators():
    Source.objects.create(name="Rack <3>", provider="folder", target="/nowhere")
    admin, editor = people.signed_in(people.alice()), people.signed_in(people.bob())
    commands = groups(admin, "")["Commands"]
    pk = Source.objects.get(name="Rack <3>").pk
    assert f'method="post" action="/settings/sources/{pk}/read/"' in commands
    assert "csrfmiddlewaretoken" in commands
    assert "Refresh source Rack &lt;3&gt;" in commands
    assert "Commands" not in groups(editor, "")
    page = "/search/?q=refresh rack"
    assert f"/settings/sources/{pk}/read/" in admin.get(page).content.decode()
    assert "/read/" not in editor.get(page).content.decode()


def test_the_beginning_shows_stars_that_may_still_be_seen():
    charlie = people.charlie()
    client = people.signed_in(charlie)
    declare("whisper", title="Whisper")
    stars.put(charlie, "component:default/whisper", on=True)
    assert "Whisper" in groups(client, "")["Starred"]
    declare("whisper", annotations="greenroom/visibility: user:default/somebody")
    assert groups(client, "") == {}


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
    assert matched(entity, Sought(begins=tuple(words))) == expected


def test_a_long_text_is_cut_around_the_match():
    entity = line("a", "", "word " * 60 + "needle " + "word " * 60)
    found = matched(entity, Sought(begins=("needle",)))
    assert "needle" in found
    assert found.startswith("… ")
    assert found.endswith(" …")
    assert len(found) < 140


def test_strangers_are_asked_to_sign_in():
    Account.objects.create_user("lena", people.PASSWORD, role="admin")
    response = Client().get("/search/?q=x", headers=PALETTE)
    assert response.status_code == 302


def test_a_query_leads_into_the_catalog_or_is_mended():
    client = people.signed_in(people.bob())
    for name in ("whisper", "whisper-two"):
        declare(name)
    assert "All 2 in the catalog" in groups(client, "kind:component")["Catalog"]
    assert "q=kind%3Acomponent" in groups(client, "kind:component")["Catalog"]
    assert "Show in the catalog" in groups(client, "two")["Catalog"]
    mended = groups(client, "knd:component")["Catalog"]
    assert "Did you mean kind:component?" in mended and "q=kind%3Acomp" in mended
    slip = groups(client, "wisper")["Catalog"]
    assert "Try whisper" in slip and "q=whisper" in slip
    assert "Catalog" not in groups(client, "xyzzyxyz")
    page = client.get("/search/?q=knd:component").content.decode()
    assert "Did you mean kind:component?" in page


def test_the_number_in_the_catalog_is_that_of_the_viewer():
    bob = people.bob()
    declare("whisper")
    documents.declare(document(name="whisper-2", annotations=seen_by("user:eve")))
    client = people.signed_in(bob)
    assert "Show in the catalog" in groups(client, "whisper")["Catalog"]
