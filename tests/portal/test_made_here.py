"""What is made in the portal: pasting without loss, editing, removing, restoring."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from catalog.entities import envelope
from catalog.entities.models import Entity, Revision
from catalog.entities.problems import Problem
from catalog.sources import adding, pasting, processing
from tests import people
from tests.portal.test_pages_catalog import COMPONENT, declare, page

pytestmark = pytest.mark.django_db
PASTE = "/settings/sources/paste/"
WEB = "/catalog/default/component/web/"
REF = "component:default/web"


def component(name: str, **fields: str) -> str:
    known = {"title": name, "lifecycle": "production", "annotations": ""}
    return COMPONENT.format(name=name, owner="group:speech", **{**known, **fields})


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


def field(html: str) -> str:
    """What stands in the text field."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)
    assert found
    return unescape(found[1])


def sent(client: Client, text: str, address: str = PASTE, **more: str) -> str:
    response = client.post(address, {"text": text, **more})
    assert response.status_code == 200
    return response.content.decode()


UNREADABLE = ["kind: [", "kind: [\n", "a: 1\n---\nkind: [", "'", "# nothing", "%"]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_cannot_be_taken_stays_in_the_field(editor, text):
    html = sent(editor, text, take="1")
    assert field(html) == text
    assert "toast is-ok" not in html
    assert "Taken" not in html
    assert 'name="take" value="1" disabled' in html


def test_beside_something_good_it_stays_too(editor):
    html = sent(editor, f"{component('good')}---\nkind: [", take="1")
    assert field(html) == "kind: [\n"
    assert "Taken: 1 added" in html
    assert Entity.objects.filter(name="good").exists()


def test_documents_beyond_the_last_that_is_read_are_handed_back(monkeypatch):
    monkeypatch.setattr(envelope, "MAX_DOCUMENTS", 1)
    text = "a: 1\n---\nb: 2\n---\nc: 3\n"
    problems: list[Problem] = envelope.read(text).problems
    assert pasting.refused(text, problems) == "b: 2\n---\nc: 3\n"


def test_the_button_says_what_it_does(editor):
    def button(text: str) -> str:
        part = editor.post(PASTE, {"text": text}, headers={"HX-Request": "true"})
        html = part.content.decode()
        at = html.index('<span id="take" hx-swap-oob="true">')
        return str(html[at:])

    assert "Add to the catalog" in button(component("good"))
    assert "Add what is good" in button(f"{component('good')}---\nkind: [")
    assert "disabled" in button("kind: [")
    assert "disabled" not in button(component("good"))


def test_the_same_again_is_no_change(editor):
    declare("web")
    response = editor.post(
        PASTE, {"text": Entity.objects.get(ref=REF).text, "take": "1"}, follow=True
    )
    html = response.content.decode()
    assert "Nothing changed" in html
    assert "toast is-ok" not in html


def test_an_editor_changes_what_was_made_here_with_a_reason(editor):
    declare("web")
    assert f"{PASTE}?ref=component" in page(editor, WEB)
    address = f"{PASTE}?ref={REF}"
    html = page(editor, address)
    assert "Edit Web" in html
    text = field(html)
    assert text == Entity.objects.get(ref=REF).text
    digest = Entity.objects.get(ref=REF).digest
    new = text.replace("Does web.", "Does more.")
    html = sent(editor, new, address, digest=digest)
    assert 'class="added"' in html
    fields = {"text": new, "take": "1", "digest": digest, "reason": "It grew."}
    assert editor.post(address, fields)["Location"] == WEB
    revision = Revision.objects.filter(identity__ref=REF).latest("pk")
    assert (revision.door, revision.reason) == ("editor", "It grew.")
    assert revision.author_name == "bob"
    assert "It grew." in page(editor, f"{WEB}history/")


def test_a_change_by_somebody_else_meanwhile_is_not_written_over(editor):
    declare("web")
    address, mine = f"{PASTE}?ref={REF}", component("web", title="Mine")
    digest = Entity.objects.get(ref=REF).digest
    declare("web", title="Theirs")
    html = sent(editor, mine, address, take="1", digest=digest)
    assert "Somebody changed it while you were editing." in html
    assert field(html) == mine
    assert Entity.objects.get(ref=REF).title == "Theirs"
    now = re.search(r'name="digest" value="([^"]+)"', html)
    assert now
    editor.post(address, {"text": mine, "take": "1", "digest": now[1]})
    assert Entity.objects.get(ref=REF).title == "Mine"


def test_another_name_is_told_before_it_is_added(editor):
    declare("web")
    digest = Entity.objects.get(ref=REF).digest
    html = sent(editor, component("other"), f"{PASTE}?ref={REF}", digest=digest)
    assert "Web stays as it is" in html


def test_what_is_not_made_here_or_is_hidden_is_not_edited(editor, tmp_path):
    (tmp_path / "one.yaml").write_text(component("one"))
    processing.refresh(adding.add_source(str(tmp_path)))
    one = "/catalog/default/component/one/"
    assert "ref=component" not in page(editor, one)
    response = editor.get(f"{PASTE}?ref=component:default/one", follow=True)
    assert "cannot be changed here" in response.content.decode()
    assert editor.post(f"{one}remove/")["Location"] == one
    declare("secret", annotations="greenroom/visibility: user:default/somebody")
    secret = "component:default/secret"
    assert editor.get(f"{PASTE}?ref={secret}").status_code == 404
    assert editor.get(f"{PASTE}?ref=component:default/none").status_code == 404
    gone = editor.post("/catalog/default/component/secret/remove/")
    assert gone.status_code == 404
    assert Entity.objects.filter(name__in=["one", "secret"]).count() == 2


def test_people_are_changed_and_removed_by_administrators_only(admin, editor):
    group = "/catalog/default/group/speech/"
    assert "remove/" not in page(editor, group)
    editor.post(f"{group}remove/")
    editor.get(f"{PASTE}?ref=group:default/speech")
    assert Entity.objects.filter(name="speech").exists()
    assert "remove/" in page(admin, group)
    admin.post(f"{group}remove/")
    assert not Entity.objects.filter(name="speech").exists()


def test_a_viewer_changes_nothing():
    people.bob()
    viewer = people.signed_in(people.charlie())
    declare("web")
    html = page(viewer, WEB)
    assert "remove/" not in html
    assert "?ref=" not in html
    assert viewer.post(f"{WEB}remove/").status_code == 403
    assert viewer.get(f"{PASTE}?ref={REF}").status_code == 403


def test_what_was_removed_can_be_restored_by_who_removed_it(admin, editor):
    declare("web")
    text = Entity.objects.get(ref=REF).text
    response = editor.post(f"{WEB}remove/", follow=True)
    html = response.content.decode()
    assert "Web was removed." in html
    assert "Restore" in html
    assert editor.get(WEB).status_code == 404
    last = Revision.objects.filter(identity__ref=REF).latest("pk")
    assert (last.action, last.author_name) == ("removed", "bob")
    html = page(editor, f"{PASTE}?ref={REF}")
    assert field(html) == text
    assert "Restore component:web" in html
    answer = editor.post(f"{PASTE}?ref={REF}", {"text": text, "take": "1"})
    assert answer["Location"] == WEB
    # What an administrator removed is not for editors to read.
    admin.post(f"{WEB}remove/")
    assert editor.get(f"{PASTE}?ref={REF}").status_code == 404
    here = f"/settings/sources/{processing.here().pk}/"
    assert "Restore</a>" not in page(editor, here)
    assert "Restore</a>" in page(admin, here)


def test_an_editor_may_take_an_entity_out_of_their_own_sight(editor):
    declare("web")
    text = component("web", annotations="greenroom/visibility: user:default/eve")
    digest = Entity.objects.get(ref=REF).digest
    fields = {"text": text, "take": "1", "digest": digest}
    answer = editor.post(f"{PASTE}?ref={REF}", fields)
    assert answer["Location"].startswith("/catalog/?")


def test_the_page_of_made_here_says_what_it_is(editor):
    declare("web")
    html = page(editor, f"/settings/sources/{processing.here().pk}/")
    assert "No file declares them" in html
    assert f'href="{WEB}"' in html
    assert "was taken without a problem" not in html


def test_what_was_refused_is_counted_for_those_who_may_not_see_it(
    admin, editor, tmp_path
):
    (tmp_path / "one.yaml").write_text(component("one"))
    source = adding.add_source(str(tmp_path))
    processing.refresh(source)
    address = f"/settings/sources/{source.pk}/"
    assert "Nothing that you may see was refused." in page(editor, address)
    assert "was taken without a problem" in page(admin, address)
    (tmp_path / "bad.yaml").write_text(component("Not Valid"))
    (tmp_path / "worse.yaml").write_text(component("Not Either"))
    processing.refresh(source)
    html = page(editor, address)
    assert "2 documents were refused; only administrators see which." in html
    assert "bad.yaml" not in html
    html = page(admin, address)
    assert "bad.yaml" in html
    assert "only administrators" not in html


def test_a_source_that_fails_is_told_on_its_entities(editor, tmp_path):
    folder = tmp_path / "lab"
    folder.mkdir()
    (folder / "web.yaml").write_text(component("web"))
    source = adding.add_source(str(folder))
    processing.refresh(source)
    assert "last good state" not in page(editor, WEB)
    (folder / "web.yaml").unlink()
    folder.rmdir()
    processing.refresh(source)
    viewer = people.signed_in(people.charlie())
    for client, knows in ((editor, True), (viewer, False)):
        html = page(client, WEB)
        assert "could not be read" in html
        assert "You see the last good state." in html
        assert (str(folder) in html.partition('class="tabs"')[0]) is knows
