"""What changed: steps, filters, pages; and that nobody reads what was hidden then."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from catalog.entities.models import Entity, Revision
from catalog.sources import adding, made_here, processing
from portal.accounts.models import Account
from tests import people
from tests.catalog.documents import declare, document, get, seen_by, text_of
from tests.portal.test_leaks import body
from tests.portal.test_pages_catalog import page

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
PEOPLE = "group:default/finance"


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


def differences(html: str) -> list[str]:
    found = [part.partition('"')[0] for part in html.split('hx-get="/changes/')[1:]]
    return [address for address in found if address]


def test_steps_with_who_and_what(viewer, tmp_path):
    (tmp_path / "a.yaml").write_text(
        text_of(document(name="one", title="T-one"), document(name="two"))
    )
    source = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(source, reason="Push to main by ada.")
    Revision.objects.filter(source_name="lab").update(commit="3f2a1b9c" * 5)
    html = page(viewer, "/changes/")
    assert "added 2" in html and "T-one" in html and "Push to main by ada." in html
    assert "3f2a1b9" in html and ">lab<" in html


def test_the_difference_comes_when_it_is_opened(viewer):
    declare(document(title="Old"))
    declare(document(title="New"))
    newest = Revision.objects.latest("id")
    html = page(viewer, f"/changes/{newest.pk}/difference/")
    assert "Old" in html and "New" in html and "<html" not in html
    assert viewer.get("/changes/999999/difference/").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "one two sys"),
        ("kind=System", "sys"),
        ("kind=Nothing", ""),
        ("name=ONE", "one"),
        ("name=T-tw", "two"),
        ("who=nobody", ""),
        ("who=TEST", "one two sys"),
        ("source=Made here", "one two sys"),
        ("source=other", ""),
        ("action=changed", ""),
        ("action=added", "one two sys"),
        ("action=nonsense", "one two sys"),
        ("since=1h", "one two sys"),
        ("since=today", None),
        ("since=2999-01-01", ""),
        ("since=1999-01-01T10:00", "one two sys"),
    ],
)
def test_filters(viewer, query, found):
    declare(document(name="one", title="T-one"), document(name="two", title="T-two"))
    declare(document("System", "sys", title="T-sys"))
    html = page(viewer, f"/changes/?{query}")
    if found is not None:
        names = {name for name in ("one", "two", "sys") if f"T-{name}" in html}
        assert names == set(found.split())


ODD = ["since=x", "since=2026-99-99", "since=9999999999d", "since=%F0%9F%98%80"]
ODD += ["before=x", "before=" + "9" * 40, "name=%00", "kind=%00", "who=" + "x" * 5000]


@pytest.mark.parametrize("query", ODD)
def test_any_address_is_answered(viewer, query):
    declare(document())
    page(viewer, f"/changes/?{query}")


def test_a_moment_that_is_none_is_told(viewer):
    assert "“soon” is no moment" in page(viewer, "/changes/?since=soon")


def test_pages_by_key_and_past_a_large_step(viewer, tmp_path):
    declare(document(name="early", title="T-early"))
    many = [document(name=f"n{i}", title=f"T-{i:03}") for i in range(95)]
    (tmp_path / "a.yaml").write_text(text_of(*many))
    processing.refresh(adding.add_source(str(tmp_path), name="lab"))
    seen: set[str] = set()
    address = "/changes/?source=lab"
    for _ in range(3):
        html = page(viewer, address)
        seen |= set(differences(html))
        more = html.partition("/changes/?source=lab&amp;before=")[2]
        before = re.match(r"\d*", more)
        address = f"/changes/?source=lab&before={before[0] if before else ''}"
    assert len(seen) == 95
    html = page(viewer, "/changes/")
    assert "Skip the rest of this step" in html
    query = html.rpartition('href="/changes/?before=')[2].partition('"')[0]
    assert "T-early" in page(viewer, f"/changes/?before={query}")


@pytest.mark.parametrize("number", [3, 300])
def test_queries_are_few(viewer, number, django_assert_max_num_queries):
    declare(*(document(name=f"n{i}") for i in range(number)))
    page(viewer, "/changes/")
    with django_assert_max_num_queries(12):
        page(viewer, "/changes/")


def test_what_was_hidden_then_stays_hidden(viewer, admin):
    declare(document(title="Quarterly", annotations=seen_by(PEOPLE)))
    hidden = Revision.objects.latest("id")
    assert "Quarterly" not in page(viewer, "/changes/")
    assert not differences(page(viewer, "/changes/?name=web"))
    declare(document(title="Open"))
    opened = Revision.objects.latest("id")
    told = differences(page(viewer, "/changes/?name=web"))
    assert told == [f"{opened.pk}/difference/"]
    assert viewer.get(f"/changes/{hidden.pk}/difference/").status_code == 404
    # The first text that may be read has nothing to be compared with.
    assert "Quarterly" not in page(viewer, f"/changes/{opened.pk}/difference/")
    assert len(differences(page(admin, "/changes/?name=web"))) == 2


def test_what_is_hidden_now_shows_nothing_of_before(viewer):
    declare(document(title="Open"))
    opened = Revision.objects.latest("id")
    declare(document(title="Quarterly", annotations=seen_by(PEOPLE)))
    assert not differences(page(viewer, "/changes/?name=web"))
    assert viewer.get(f"/changes/{opened.pk}/difference/").status_code == 404
    hidden = body(viewer, "/changes/?name=web")
    unknown = body(viewer, "/changes/?name=nowhere")
    assert hidden.replace("web", "nowhere") == unknown


def test_sources_of_hidden_entities_are_not_offered(viewer, admin, tmp_path):
    text = text_of(document(annotations=seen_by(PEOPLE)))
    (tmp_path / "a.yaml").write_text(text)
    processing.refresh(adding.add_source(str(tmp_path), name="secret-lab"))
    assert "secret-lab" not in page(viewer, "/changes/")
    assert "secret-lab" in page(admin, "/changes/")


def test_removals_are_for_those_who_see_all(viewer, admin):
    declare(document(title="T-web"))
    alice = Account.objects.get(username="alice")
    made_here.remove(get("component:default/web"), alice, people.viewer(alice))
    assert "T-web" not in page(viewer, "/changes/")
    html = page(admin, "/changes/?action=removed")
    assert "is not in the catalog now" in html
    last = Revision.objects.latest("id").pk
    assert 'class="removed"' in page(admin, f"/changes/{last}/difference/")
    assert viewer.get(f"/changes/{last}/difference/").status_code == 404


HISTORY = "/catalog/default/component/web/history/"


def test_a_former_text_is_restored_after_a_look(admin):
    declare(document(title="Good"))
    good = Revision.objects.latest("id").pk
    declare(document(title="Bad"))
    assert f"revision={good}" in page(admin, HISTORY)
    address = f"/settings/sources/paste/?ref=component:default/web&revision={good}"
    html = page(admin, address)
    assert "title: Good" in html and "Restore of 20" in html and "title: Bad" in html
    entity = get("component:default/web")
    form = {"text": text_of(document(title="Good")), "take": "1"}
    admin.post(address, {**form, "digest": entity.digest, "reason": "Restore"})
    assert get("component:default/web").title == "Good"
    assert Revision.objects.latest("id").reason == "Restore"


def test_a_text_from_elsewhere_is_offered_as_a_patch(admin, viewer, tmp_path):
    (tmp_path / "a.yaml").write_text(text_of(document(title="Old")))
    source = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(source)
    old = Revision.objects.latest("id").pk
    (tmp_path / "a.yaml").write_text(text_of(document(title="New")))
    processing.refresh(source)
    assert f"history/patch?to={old}" in page(viewer, HISTORY)
    answer = viewer.get(f"{HISTORY}patch?to={old}")
    body = answer.content.decode()
    assert body.startswith("--- a/a.yaml\n+++ b/a.yaml\n")
    assert "-  title: New\n+  title: Old\n" in body
    assert viewer.get(f"{HISTORY}patch?to=9999").status_code == 404
    address = f"/settings/sources/paste/?ref=component:default/web&revision={old}"
    assert admin.get(address).status_code == 302


def test_two_texts_are_compared(viewer):
    for title in ("One", "Two", "Three"):
        declare(document(title=title))
    rows = list(Revision.objects.filter(identity__ref="component:default/web"))
    html = page(viewer, f"{HISTORY}?from={rows[0].pk}&to={rows[2].pk}")
    part = html.partition('id="compared"')[2].partition("</section>")[0]
    assert "One" in part and "Three" in part and "Two" not in part
    assert 'id="compared"' not in page(viewer, f"{HISTORY}?from=9999")
    assert 'id="compared"' not in page(viewer, f"{HISTORY}?from=x")


def test_a_hidden_text_is_neither_compared_nor_restored(viewer, admin):
    declare(document(title="Quarterly", annotations=seen_by(PEOPLE)))
    hidden = Revision.objects.latest("id").pk
    declare(document(title="Open"))
    assert "Quarterly" not in page(viewer, f"{HISTORY}?from={hidden}")
    assert viewer.get(f"{HISTORY}patch?to={hidden}").status_code == 404
    editor = people.signed_in(people.bob())
    address = f"/settings/sources/paste/?ref=component:default/web&revision={hidden}"
    assert editor.get(address).status_code == 404
    assert "Quarterly" in page(admin, address)


def test_history_is_told_to_have_been_cut(admin, viewer, settings):
    declare(document(title="First"))
    declare(document(title="Second"))
    rows = Revision.objects.filter(identity__ref="component:default/web")
    rows.earliest("id").delete()
    assert "Older changes were removed" in page(admin, HISTORY)
    assert "Older changes were removed" not in page(viewer, HISTORY)


def test_every_door_of_changes_needs_a_login():
    people.alice()
    for address in ("/changes/", "/changes/1/difference/", f"{HISTORY}patch"):
        assert "/login/" in Client().get(address)["Location"]
    assert Entity.objects.exists()
