"""One authority per field: the document first, then whoever said it over it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from catalog.entities.models import Overlay, Revision
from catalog.sources import adding, enriching, processing
from catalog.sources.applying import Cause
from catalog.sources.models import Source
from tests import people
from tests.catalog.documents import document, get, seen_by, text_of
from tests.portal.test_pages_catalog import page

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WEB = "component:default/web"
ADDRESS = "/catalog/default/component/web/"
TIER = {"greenroom/tier": "standard"}


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "a.yaml").write_text(text_of(document()))
    source = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(source)
    return source


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


def decide(client: Client, **fields: str):
    form = {"field": "tier", "value-tier": "critical", "reason": "It rings at night."}
    return client.post(f"{ADDRESS}decide/", {**form, **fields})


def test_an_editor_decides_what_the_document_leaves_open(source, editor):
    assert "Decide here" in page(editor, ADDRESS)
    assert decide(editor).status_code == 302
    assert get(WEB).tier == "critical"
    assert "said here" in page(editor, ADDRESS)
    assert ADDRESS in page(editor, "/catalog/?tier=critical")
    assert ADDRESS not in page(editor, "/catalog/?tier=standard")
    html = page(editor, f"{ADDRESS}decide/")
    assert "Said by bob" in html and "It rings at night." in html
    last = Revision.objects.latest("id")
    assert (last.door, last.author_name) == ("decision", "bob")
    assert last.reason == "Tier: critical. It rings at night."


def test_it_stays_when_the_document_changes_and_ends_when_that_says_it(
    source, editor, tmp_path
):
    decide(editor)
    (tmp_path / "a.yaml").write_text(text_of(document(title="New")))
    processing.refresh(source)
    assert (get(WEB).title, get(WEB).tier) == ("New", "critical")
    (tmp_path / "a.yaml").write_text(text_of(document(annotations=TIER)))
    processing.refresh(source)
    assert get(WEB).tier == "standard"
    assert "is declared by its document" in decide(editor).content.decode()
    (tmp_path / "a.yaml").write_text(text_of(document()))
    processing.refresh(source)
    assert get(WEB).tier == "critical"


def test_it_is_taken_back(source, editor):
    decide(editor)
    decide(editor, take_back="1")
    assert get(WEB).tier == "" and not Overlay.objects.exists()
    assert Revision.objects.latest("id").reason.startswith("Tier: taken back.")


def test_another_authority_keeps_its_field(source, editor):
    enriching.say(get(WEB), "tier", "standard", Cause("probe"), authority="probes")
    html = decide(editor).content.decode()
    assert "Tier is said by probes since" in html
    assert get(WEB).tier == "standard"
    assert "is said by probes" in decide(editor, take_back="1").content.decode()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"value-tier": "criticl"}, "Did you mean &#39;critical&#39;?"),
        ({"value-tier": ""}, "Tier cannot be &#39;&#39;"),
        ({"field": "owner"}, "There is no field &#39;owner&#39;"),
    ],
)
def test_what_cannot_be_said_is_told(source, editor, fields, words):
    assert words in decide(editor, **fields).content.decode()
    assert not Overlay.objects.exists()


def test_who_may(source, editor):
    viewer = people.signed_in(people.charlie())
    assert decide(viewer).status_code == 403
    assert "Decide here" not in page(viewer, ADDRESS)
    assert "/login/" in decide(Client())["Location"]
    hidden = text_of(document(annotations=seen_by("group:finance")))
    (Path(source.target) / "a.yaml").write_text(hidden)
    processing.refresh(source)
    assert decide(editor).status_code == 404


def test_what_is_made_here_is_edited_here(editor):
    people.declare(text_of(document()))
    assert "Decide here" not in page(editor, ADDRESS)


def test_a_decision_about_what_is_hidden_stays_hidden_later(source, tmp_path):
    """A restricted text, decided about, then opened: that revision stays theirs."""
    hidden = document(title="Quarterly", annotations=seen_by("group:finance"))
    (tmp_path / "a.yaml").write_text(text_of(hidden))
    processing.refresh(source)
    enriching.say(get(WEB), "tier", "critical", Cause("decision"))
    (tmp_path / "a.yaml").write_text(text_of(document(title="Open")))
    processing.refresh(source)
    viewer = people.signed_in(people.charlie())
    for address in (f"{ADDRESS}history/", "/changes/?name=web", "/"):
        html = page(viewer, address)
        assert "Quarterly" not in html and "Tier: critical" not in html
