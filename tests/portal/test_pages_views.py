"""Saved views and stars: keeping them, sharing them, and what they never tell."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.test import Client

from portal.accounts import saved_views, stars
from portal.accounts.models import Account, Role, SavedView, Star
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_pages_catalog import page, queries_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WEB = "/catalog/default/component/web/"
REF = "component:default/web"


@pytest.fixture
def bob() -> Account:
    return people.bob()


@pytest.fixture
def charlie() -> Account:
    return people.charlie()


@pytest.fixture
def editor(bob) -> Client:
    declare(document(title="Web shop"), document(name="api", title="Gateway"))
    return people.signed_in(bob)


@pytest.fixture
def viewer(charlie) -> Client:
    return people.signed_in(charlie)


def keep(owner: Account, title: str, query: str = "kind=API", **more) -> SavedView:
    return SavedView.objects.create(owner=owner, title=title, query=query, **more)


def save(client: Client, title: str, query: str, **more: str):
    return client.post("/catalog/views/add/", {"title": title, "query": query, **more})


def row_of(html: str) -> str:
    """What stands above the list: the views, and those that are folded."""
    return html.partition('class="views"')[2].partition('role="search"')[0]


def starred_number(client: Client) -> int:
    html = page(client, "/catalog/")
    found = re.search(r'view=starred"[^>]*>Starred<span class="n">(\d+)<', html)
    assert found
    return int(found[1])


def test_a_query_is_saved_and_stands_above_the_list(editor, bob):
    html = page(editor, "/catalog/?kind=Component&page=1")
    assert "Save this view" in html
    assert 'name="query" value="kind=Component"' in html
    response = save(
        editor, " Services ", "page=3&why=x&kind=Component&sort=-changed&q=web"
    )
    assert response.status_code == 302
    made = bob.saved_views.get()
    assert (made.title, made.query) == (
        "Services",
        "q=web&kind=Component&sort=-changed",
    )
    assert not made.is_shared
    html = page(editor, response["Location"])
    assert "“Services” is saved, for you alone." in html
    row = row_of(html)
    assert re.search(r'aria-current="page"><span class="view-title">Services', row)
    assert row.count("aria-current") == 1
    assert "Save this view" not in html
    assert "<mark>Web</mark> shop" in html


def test_without_a_query_there_is_nothing_to_save(editor, bob):
    assert "Save this view" not in page(editor, "/catalog/")
    assert "Save this view" not in page(editor, "/catalog/?q=is:nosuch")
    response = save(editor, "All", "page=2&foo=bar&sort=title")
    assert response.status_code == 422
    assert "There is nothing to save" in response.content.decode()
    assert not bob.saved_views.exists()


def test_the_value_that_nobody_gave_is_kept():
    assert "tier=" in saved_views.kept(QueryDict("tier=&kind=API"))
    assert ("Tier", "Not decided") in saved_views.parts("tier=")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("", "Give it a title"),
        ("   ", "Give it a title"),
        ("MINE to keep", "You have a view “MINE to keep” already."),
        ("x" * 81, "The title has 81 characters, and may have 80."),
    ],
)
def test_a_title_that_cannot_be_says_why_and_loses_nothing(editor, bob, title, said):
    keep(bob, "Mine to keep")
    response = save(editor, title, "q=web&tag=a", is_shared="on")
    html = response.content.decode()
    assert response.status_code == 422
    assert said in html
    assert f'value="{title}"' in html or not title.strip()
    assert 'value="q=web&amp;tag=a"' in html
    assert "Tag: a" in html
    assert re.search(r'name="is_shared"[^>]*checked', html)
    assert bob.saved_views.count() == 1


def test_a_query_that_is_too_long_is_told_and_not_cut(editor, bob):
    response = save(editor, "Long", "q=" + "x" * 1200)
    assert "The query has 1,200 characters, and may have 1,000." in str(
        response.content.decode()
    )
    tags = "&".join(f"tag={'y' * 30}{i}" for i in range(80))
    html = save(editor, "Long", tags).content.decode()
    assert "a view keeps 2,000. Take some filters away." in html
    assert not bob.saved_views.exists()


def test_nobody_keeps_views_without_end(editor, bob, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST_EACH", 1)
    keep(bob, "One")
    assert "You have 1 views" in save(editor, "Two", "kind=API").content.decode()


def test_the_database_knows_one_title_and_one_star_each(bob, charlie):
    keep(bob, "Hosts")
    keep(charlie, "Hosts")
    with pytest.raises(IntegrityError), transaction.atomic():
        keep(bob, "hosts")
    stars.put(bob, REF, on=True)
    stars.put(bob, REF, on=True)
    assert Star.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Star.objects.create(account=bob, ref=REF)


def test_sharing_needs_an_editor(editor, viewer, bob, charlie):
    response = save(viewer, "For all", "kind=API", is_shared="on")
    html = response.content.decode()
    assert response.status_code == 422
    assert (
        "Sharing needs the role Editor or Administrator. Your role is Viewer." in html
    )
    assert 'value="For all"' in html
    assert save(viewer, "For me", "kind=API").status_code == 302
    own = charlie.saved_views.get()
    address = f"/catalog/views/{own.pk}/share/"
    assert viewer.post(address, {"share": "on"}).status_code == 403
    assert not charlie.saved_views.get().is_shared
    assert "Share it" not in page(viewer, "/catalog/?kind=API")
    assert "Share it" in page(editor, "/catalog/?kind=API")
    save(editor, "House", "kind=Component", is_shared="on")
    assert bob.saved_views.get().is_shared
    assert "House" in row_of(page(viewer, "/catalog/"))
    assert "shared by Bob Baker" in row_of(page(viewer, "/catalog/"))


def test_taking_a_view_back_needs_no_role(viewer, charlie):
    view = keep(charlie, "Once an editor", is_shared=True)
    viewer.post(f"/catalog/views/{view.pk}/share/", {"share": "off"})
    view.refresh_from_db()
    assert not view.is_shared


def test_a_private_view_of_another_is_as_if_it_were_not_there(editor, viewer, bob):
    private = keep(bob, "Private plans", "q=plans")
    shared = keep(bob, "Open to all", "kind=Component", is_shared=True)
    assert viewer.get(f"/catalog/views/{private.pk}/").status_code == 404
    assert viewer.get("/catalog/views/999999/").status_code == 404
    response = viewer.get(f"/catalog/views/{shared.pk}/")
    assert response["Location"] == "/catalog/?kind=Component"
    assert editor.get(f"/catalog/views/{private.pk}/").status_code == 302
    for view in (private, shared):
        for door in ("rename", "share", "remove"):
            address = f"/catalog/views/{view.pk}/{door}/"
            answer = viewer.post(address, {"title": "Taken", "share": "off"})
            assert answer.status_code == 404, address
    for address in ("/catalog/", "/catalog/views/", "/catalog/?q=plans"):
        assert "Private plans" not in page(viewer, address)
    html = page(viewer, "/catalog/views/")
    assert "Open to all" in html and "Bob Baker" in html
    assert f"/catalog/views/{shared.pk}/" not in html
    assert bob.saved_views.count() == 2


def test_views_of_those_who_left_are_gone(viewer, bob):
    view = keep(bob, "Farewell", is_shared=True)
    Account.objects.filter(pk=bob.pk).update(is_active=False)
    assert "Farewell" not in page(viewer, "/catalog/views/")
    assert viewer.get(f"/catalog/views/{view.pk}/").status_code == 404


def test_renaming_and_removing(editor, bob):
    view = keep(bob, "Old")
    keep(bob, "Other")
    rename = f"/catalog/views/{view.pk}/rename/"
    response = editor.post(rename, {"title": "OTHER"})
    html = response.content.decode()
    assert response.status_code == 422
    assert "You have a view “OTHER” already." in html
    assert 'value="OTHER"' in html
    assert editor.post(rename, {"title": "old"}).status_code == 302
    assert editor.post(rename, {"title": "New"}).status_code == 302
    html = page(editor, "/catalog/views/")
    assert "It is called “New” now." in html
    assert (
        f'action="/catalog/views/{view.pk}/remove/" data-confirm="Remove New?"' in html
    )
    assert editor.get(f"/catalog/views/{view.pk}/remove/").status_code == 405
    assert editor.post(f"/catalog/views/{view.pk}/remove/").status_code == 302
    assert [one.title for one in bob.saved_views.all()] == ["Other"]
    assert "The view “New” is removed." in page(editor, "/catalog/views/")


def test_more_than_six_fold(editor, bob, charlie):
    for number in range(6):
        keep(bob, f"View {number}")
    assert "views-fold" not in page(editor, "/catalog/")
    keep(charlie, "A shared one", is_shared=True)
    html = page(editor, "/catalog/")
    fold = html.partition('id="views-fold"')[2].partition("</details>")[0]
    assert "1 more view" in fold
    assert "A shared one" in fold
    assert "View 5" not in fold


def test_a_star_is_put_and_taken_away(editor, bob):
    html = page(editor, WEB)
    assert re.search(r'name="star" value="on" aria-pressed="false"', html)
    response = editor.post(f"{WEB}star/", {"star": "on", "next": f"{WEB}history/"})
    assert response["Location"] == f"{WEB}history/"
    assert stars.refs_of(bob) == {REF}
    assert re.search(r'value="off" aria-pressed="true"', page(editor, WEB))
    html = page(editor, "/catalog/")
    assert html.count('<span class="vh">starred</span>') == 1
    assert starred_number(editor) == 1
    html = page(editor, "/catalog/?view=starred")
    assert "Web shop" in html
    assert "Gateway" not in html.partition("<tbody")[2]
    response = editor.post(f"{WEB}star/", {"star": "off", "next": "//evil.example/"})
    assert response["Location"] == WEB
    assert starred_number(editor) == 0
    assert "Nothing is starred yet" in page(editor, "/catalog/?view=starred")
    assert "among what you starred" in page(editor, "/catalog/?view=starred&q=zzz")


def test_htmx_gets_the_button_alone(editor):
    response = editor.post(
        f"{WEB}star/", {"star": "on"}, headers={"HX-Request": "true"}
    )
    html = response.content.decode()
    assert "<html" not in html
    assert 'aria-pressed="true"' in html
    assert "csrfmiddlewaretoken" in html


def test_a_star_needs_the_token_of_the_form(editor, bob):
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(f"{WEB}star/", {"star": "on"}).status_code == 403
    assert not Star.objects.exists()


def test_those_without_a_user_in_the_catalog_star_too(editor):
    lena = Account.objects.create_user("lena", people.PASSWORD, role=Role.VIEWER)
    client = people.signed_in(lena)
    client.post(f"{WEB}star/", {"star": "on"})
    assert starred_number(client) == 1
    assert starred_number(editor) == 0


def test_starred_goes_with_filters_into_files(editor, bob):
    stars.put(bob, REF, on=True)
    stars.put(bob, "component:default/gone", on=True)
    csv = editor.get("/catalog/catalog.csv?view=starred")
    text = csv.getvalue().decode()
    assert REF in text and "component:default/api" not in text
    again = {"If-None-Match": csv["ETag"]}
    asked = "/catalog/catalog.csv?view=starred"
    assert editor.get(asked, headers=again).status_code == 304
    stars.put(bob, "component:default/api", on=True)
    answer = editor.get(asked, headers=again)
    assert answer.status_code == 200
    assert "component:default/api" in answer.getvalue().decode()
    assert starred_number(editor) == 2


def test_what_was_starred_and_is_hidden_now_leaves_no_trace(editor, viewer, charlie):
    for name in ("web", "api"):
        address = f"/catalog/default/component/{name}/star/"
        assert viewer.post(address, {"star": "on"}).status_code == 302
    assert starred_number(viewer) == 2
    hidden = document(title="Web shop", annotations=seen_by("group:default/speech"))
    declare(hidden)
    assert starred_number(viewer) == 1
    for address in (
        "/catalog/?view=starred",
        "/catalog/?view=starred&q=shop",
        "/catalog/catalog.csv?view=starred",
        "/catalog/catalog-info.yaml?view=starred",
        "/catalog/views/",
    ):
        text = viewer.get(address).getvalue().decode()
        assert "Web shop" not in text, address
        assert REF not in text, address
    unknown = viewer.post("/catalog/default/component/nowhere/star/", {"star": "on"})
    assert viewer.post(f"{WEB}star/", {"star": "on"}).status_code == 404
    assert unknown.status_code == 404
    # The star itself stays: it shows again when the entity does.
    declare(document(title="Web shop"))
    assert starred_number(viewer) == 2


def test_a_shared_view_shows_what_its_reader_may_see(editor, viewer, bob):
    hidden = document(
        name="ledger", title="Quarterly", annotations=seen_by("group:default/speech")
    )
    declare(hidden)
    view = keep(bob, "Shops", "q=quarterly", is_shared=True)
    for client, number in ((editor, 1), (viewer, 0)):
        html = client.get(f"/catalog/views/{view.pk}/", follow=True).content.decode()
        assert html.count(">Quarterly") == number
    for address in ("/catalog/", "/catalog/views/"):
        assert "Quarterly" not in page(viewer, address)


def test_strangers_see_none_of_it(editor, bob, settings):
    settings.GREENROOM_PUBLIC = True
    keep(bob, "House", is_shared=True)
    stars.put(bob, REF, on=True)
    stranger = Client()
    for address in (
        "/catalog/",
        "/catalog/?view=starred",
        "/catalog/?kind=Component",
        WEB,
    ):
        html = page(stranger, address)
        for word in ("House", "Starred", ">starred", "Save this view", "/star/"):
            assert word not in html, (address, word)
    for address in ("/catalog/views/", "/catalog/views/add/", "/catalog/views/1/"):
        assert stranger.get(address)["Location"].startswith("/login/")
    assert stranger.post(f"{WEB}star/", {"star": "on"})["Location"].startswith(
        "/login/"
    )
    assert Star.objects.count() == 1


def test_queries_do_not_grow_with_views_and_stars(editor, bob, charlie):
    doors = ("/catalog/", "/catalog/?view=starred&kind=Component", "/catalog/views/")
    keep(bob, "First")
    keep(charlie, "Theirs", is_shared=True)
    stars.put(bob, REF, on=True)
    few = [queries_of(editor, door) for door in doors]
    for number in range(12):
        keep(bob, f"View {number}")
        other = people.person(f"p{number}", f"P {number}", Role.EDITOR)
        keep(other, f"Shared {number}", is_shared=True)
        declare(document(name=f"c{number}"))
        stars.put(bob, f"component:default/c{number}", on=True)
    # What moves with the clock is read again now and then: one more is no growth.
    assert all(
        queries_of(editor, door) <= before + 1
        for door, before in zip(doors, few, strict=True)
    )
    assert few[2] <= 6
