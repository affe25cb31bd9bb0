"""Sources: the list, one source, adding with a preview, pasting; and who may."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.entities.models import Entity, Finding, Revision
from catalog.sources import adding, processing, tasks
from catalog.sources.models import Source
from portal.accounts.models import Account
from tests import people
from tests.catalog.repositories import Work
from tests.portal.test_pages_catalog import COMPONENT, page

pytestmark = pytest.mark.django_db


def component(name: str, **fields: str) -> str:
    known = {"title": name, "lifecycle": "production", "annotations": ""}
    return COMPONENT.format(name=name, owner="group:speech", **{**known, **fields})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "one.yaml").write_text(component("one"))
    (tmp_path / "two.yaml").write_text(component("two"))
    return tmp_path


@pytest.fixture
def source(folder) -> Source:
    added = adding.add_source(str(folder), name="lab")
    processing.refresh(added)
    return added


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


MANAGED = ("read", "pause", "change", "remove", "allow", "hook")


def test_who_may_see_and_manage_sources(source, admin, editor, viewer):
    one = f"/settings/sources/{source.pk}/"
    for address in ("/settings/sources/", one, "/settings/sources/paste/"):
        assert viewer.get(address).status_code == 403
        assert editor.get(address).status_code == 200
        assert admin.get(address).status_code == 200
    for address in ("/settings/", "/settings/sources/add/"):
        assert editor.get(address).status_code == 403
        assert admin.get(address).status_code == 200
    for name in MANAGED:
        assert editor.post(f"{one}{name}/").status_code == 403
    assert (
        "This page is for administrators" in editor.get("/settings/").content.decode()
    )
    assert "Read now" not in page(editor, one)


def test_the_list_shows_state_counts_and_errors(source, folder, admin):
    (folder / "bad.yaml").write_text(component("Not Valid"))
    processing.refresh(source)
    html = page(admin, "/settings/sources/")
    assert str(folder) in html
    assert "With errors" in html
    html = page(admin, f"/settings/sources/{source.pk}/")
    assert "bad.yaml:4" in html


def test_reading_is_asked_of_the_worker_and_the_page_waits(source, admin, monkeypatch):
    asked = []
    monkeypatch.setattr(
        tasks.refresh_source, "apply_async", lambda args, **_: asked.append(args)
    )
    answer = admin.post(f"/settings/sources/{source.pk}/read/")
    assert asked == [(source.pk, "alice asked for it.")]
    html = page(admin, answer["Location"])
    assert "Reading lab" in html
    assert 'hx-trigger="load delay:1s"' in html
    processing.refresh(source)
    html = page(admin, answer["Location"], **{"HX-Request": "true"})
    assert "Reading lab" not in html
    assert "<html" not in html


def test_without_an_answer_it_offers_to_read_here(source, folder, admin):
    late = f"/settings/sources/{source.pk}/?asked="
    now = int(source.last_run_at.timestamp() * 1000)
    html = page(admin, f"{late}{now + 1}")
    assert "Nobody has begun" not in html
    Source.objects.update(last_run_at=None)
    html = page(admin, f"{late}{now - 30_000}")
    assert "Nobody has begun to read" in html
    (folder / "three.yaml").write_text(component("three"))
    admin.post(f"/settings/sources/{source.pk}/read/", {"here": "1"})
    assert Entity.objects.filter(name="three").exists()


@pytest.mark.parametrize("asked", ["x", "-1", "²", "9" * 400, ""])
def test_any_address_of_a_source_is_answered(source, admin, asked):
    page(admin, f"/settings/sources/{source.pk}/?asked={asked}")


def test_pause_and_go_on(source, admin):
    address = f"/settings/sources/{source.pk}/pause/"
    admin.post(address)
    source.refresh_from_db()
    assert source.paused
    admin.post(address)
    source.refresh_from_db()
    assert not source.paused


def test_change_name_and_limits(source, admin):
    address = f"/settings/sources/{source.pk}/change/"
    fields = {"name": "New name", "interval": "30", "example": "on"}
    admin.post(address, fields)
    source.refresh_from_db()
    assert (source.name, source.interval) == ("New name", 30)
    assert (source.example, source.may_declare_people) == (True, False)
    assert "New name" in page(admin, "/catalog/?source=New name")
    admin.post(address, {**fields, "interval": "1"})
    source.refresh_from_db()
    assert source.interval == 30


@pytest.mark.parametrize("choice", ["keep", "remove"])
def test_remove_a_source_with_or_without_its_entities(source, admin, choice):
    Finding.objects.create(code="x", severity="warning", message="m", source=source)
    address = f"/settings/sources/{source.pk}/remove/"
    assert "What becomes of its entities" in page(admin, address)
    admin.post(address, {"entities": choice})
    assert not Source.objects.filter(pk=source.pk).exists()
    left = Entity.objects.filter(kind="Component")
    if choice == "keep":
        assert left.exclude(orphan_since=None).count() == 2
        assert {entity.source.provider for entity in left} == {"here"}
    else:
        assert not left.exists()
        removed = Revision.objects.filter(action="removed")
        assert removed.count() == 2
        assert removed[0].reason == "The source lab was removed."
        assert processing.preview_text(component("one")).added


def test_kept_entities_can_be_declared_again(source, folder, admin):
    admin.post(f"/settings/sources/{source.pk}/remove/", {"entities": "keep"})
    again = adding.add_source(str(folder))
    assert not processing.refresh(again).refused
    assert not Entity.objects.exclude(orphan_since=None).exists()


def test_what_is_made_here_stays(admin):
    here = processing.here()
    admin.post(f"/settings/sources/{here.pk}/remove/", {"entities": "remove"})
    assert Source.objects.filter(pk=here.pk).exists()


def test_remove_an_orphan_now_but_nothing_that_is_declared(source, folder, admin):
    (folder / "two.yaml").unlink()
    processing.refresh(source)
    one = f"/settings/sources/{source.pk}/"
    assert "Remove now" in page(admin, one)
    admin.post(f"{one}orphans/component:default/two/remove/")
    admin.post(f"{one}orphans/component:default/one/remove/")
    assert [e.name for e in Entity.objects.filter(kind="Component")] == ["one"]


def test_adding_shows_first_what_it_would_bring(folder, admin):
    (folder / "bad.yaml").write_text(component("Not Valid"))
    address = "/settings/sources/add/"
    html = admin.post(address, {"target": str(folder)}).content.decode()
    assert "2 new" in html
    assert "1 refused" in html
    assert "bad.yaml:4" in html
    assert not Source.objects.filter(provider="folder").exists()
    answer = admin.post(address, {"target": str(folder), "add": "1"})
    added = Source.objects.get(provider="folder")
    assert answer["Location"] == f"/settings/sources/{added.pk}/"
    assert Entity.objects.filter(source=added).count() == 2


@pytest.mark.parametrize("target", ["", "/nowhere/at/all", "ftp://x/y", "\0"])
def test_a_target_that_cannot_be_read_is_explained(admin, target):
    answer = admin.post("/settings/sources/add/", {"target": target, "add": "1"})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()


def test_pasting_shows_a_plan_and_takes_only_on_demand(editor):
    text = component("fresh")
    address = "/settings/sources/paste/"
    html = editor.post(address, {"text": text}).content.decode()
    assert "What it would do" in html
    assert not Entity.objects.filter(name="fresh").exists()
    part = editor.post(address, {"text": text}, headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div id="plan"')
    answer = editor.post(address, {"text": text, "take": "1"})
    assert answer["Location"] == "/catalog/default/component/fresh/"
    revision = Revision.objects.get(identity__ref="component:default/fresh")
    assert (revision.door, revision.author_name) == ("paste", "bob")


def test_the_good_are_taken_and_the_bad_stay_in_the_field(editor):
    unreadable = component("broken").replace("production", "[production")
    texts = [component("good"), unreadable, component("Not Valid"), component("fine")]
    text = "---\n".join(texts).replace("\n", "\r\n")
    answer = editor.post("/settings/sources/paste/", {"text": text, "take": "1"})
    html = answer.content.decode()
    left = html[html.index("<textarea") : html.index("</textarea>")]
    assert "name: broken" in left
    assert "name: Not Valid" in left
    assert "name: good" not in left
    assert "name: fine" not in left
    assert Entity.objects.filter(name__in=["good", "fine"]).count() == 2
    assert "Taken: 2 added" in html


def test_an_editor_pastes_no_people(editor, admin):
    text = people.GROUP % "rulers"
    html = editor.post(
        "/settings/sources/paste/", {"text": text, "take": "1"}
    ).content.decode()
    assert "may not be declared here" in html
    assert "name: rulers" in html
    admin.post("/settings/sources/paste/", {"text": text, "take": "1"})
    assert Entity.objects.filter(name="rulers").exists()


def test_an_empty_paste_is_told_so(editor):
    html = editor.post("/settings/sources/paste/", {"text": " \n"}).content.decode()
    assert "There is nothing in the field" in html


def test_settings_hide_secrets(admin, monkeypatch):
    html = page(admin, "/settings/")
    assert "GREENROOM_SECRET_KEY" in html
    assert "GREENROOM_DATA" in html
    account = Account.objects.get(username="alice")
    assert account.password not in html


TICKED = {"may_declare_people": "on"}


@pytest.mark.parametrize(("ticked", "taken"), [(TICKED, True), ({}, False)])
def test_only_a_source_that_is_marked_may_declare_people(admin, folder, ticked, taken):
    """A change in its folder could otherwise grant somebody sight."""
    (folder / "group.yaml").write_text(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: crowd}\n"
        "spec: {type: team, children: []}\n"
    )
    form = {"target": str(folder), **ticked}
    preview = admin.post("/settings/sources/add/", form).content.decode()
    assert ("may not be declared here" in preview) is not taken
    admin.post("/settings/sources/add/", {**form, "add": "1"})
    assert Entity.objects.filter(ref="group:default/crowd").exists() is taken
    assert Entity.objects.filter(ref="component:default/one").exists()


def test_files_are_uploaded_without_script(editor):
    files = [
        SimpleUploadedFile("a.yaml", component("up-one").encode()),
        SimpleUploadedFile("b.yaml", b"\xff\xfe\xfa"),
        SimpleUploadedFile("c.yaml", component("up-two").encode()),
    ]
    form = {"text": component("typed"), "text_files": files, "take": "1"}
    answer = editor.post("/settings/sources/paste/", form, follow=True)
    assert "b.yaml is not UTF-8 text; it was left out." in answer.content.decode()
    names = set(Entity.objects.filter(kind="Component").values_list("name", flat=True))
    assert names == {"typed", "up-one", "up-two"}


def test_a_repository_is_added_and_read_by_the_worker(
    admin, tmp_path, settings, monkeypatch
):
    settings.GIT_FOLDER = tmp_path / "copies"
    work = Work(tmp_path / "forge")
    work.push({"one/catalog-info.yaml": component("one"), "x.yaml": component("x")})
    asked = []
    monkeypatch.setattr(
        tasks.refresh_source, "apply_async", lambda args, **_: asked.append(args)
    )
    form = {"target": str(work.bare), "pattern": "catalog-info.yaml", "branch": "main"}
    preview = admin.post("/settings/sources/add/", form).content.decode()
    assert "1 new" in preview
    answer = admin.post("/settings/sources/add/", {**form, "add": "1"})
    assert "?asked=" in answer["Location"]
    tasks.refresh_source(*asked[0])
    html = page(admin, answer["Location"].partition("?")[0])
    assert "The source was added." in html and "1 added" in html
    wrong = admin.post("/settings/sources/add/", {**form, "branch": "mian"})
    assert "There is no branch or tag &#39;mian&#39;" in wrong.content.decode()
