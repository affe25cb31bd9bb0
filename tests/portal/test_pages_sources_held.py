"""A source that is held, its readings, its limits: as its page shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.entities.models import Entity
from catalog.sources import adding, processing, tasks
from catalog.sources.models import Source
from tests import people
from tests.catalog.documents import document, seen_by, text_of
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
NAMES = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    for name in NAMES:
        hidden = seen_by("group:finance") if name == "a" else {}
        text = text_of(document(name=name, title=f"T-{name}", annotations=hidden))
        (tmp_path / f"{name}.yaml").write_text(text)
    source = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(source)
    return source


def take_away(source: Source, names: str, folder: Path) -> None:
    for name in names.split():
        (folder / f"{name}.yaml").unlink()
    processing.refresh(source)


def test_a_held_source_says_so_and_an_administrator_lets_it_go(
    source, tmp_path, monkeypatch
):
    take_away(source, "a b c", tmp_path)
    admin = people.signed_in(people.alice())
    monkeypatch.setattr(tasks.refresh_source, "apply_async", lambda *_, **__: None)
    address = f"/settings/sources/{source.pk}/"
    html = page(admin, address)
    assert "More than a fifth of its entities are not there any more" in html
    assert "Let 3 entities go?" in html
    assert "T-a" in html and "Let them go" in html
    assert "Held back" in page(admin, "/settings/sources/")
    admin.post(f"{address}allow/")
    tasks.refresh_source(source.pk)
    assert Entity.objects.exclude(orphan_since=None).count() == 3
    html = page(admin, address)
    assert "alice allowed what was held." in html and "leaves on" in html
    admin.post(f"{address}allow/")
    source.refresh_from_db()
    assert source.may_lose == 0


def test_an_editor_sees_of_what_is_held_only_what_they_may(source, tmp_path):
    take_away(source, "a b c", tmp_path)
    editor = people.signed_in(people.bob())
    html = page(editor, f"/settings/sources/{source.pk}/")
    assert "T-b" in html and "T-a" not in html and "Let them go" not in html
    assert "There may be more that you cannot see" in html
    assert "3" not in html[html.index('id="held"') :].partition("<ul")[0]


def test_the_banner_of_an_entity_tells_that_its_source_is_held(source, tmp_path):
    take_away(source, "b c d", tmp_path)
    client = people.signed_in(people.charlie())
    html = page(client, "/catalog/default/component/e/")
    assert "is held back" in html


def test_readings_are_listed(source):
    processing.refresh(source, reason="Push to main by ada.")
    admin = people.signed_in(people.alice())
    html = page(admin, f"/settings/sources/{source.pk}/")
    assert "10 added" in html and "Push to main by ada." in html


def test_an_editor_reads_no_counts_of_what_is_hidden(source):
    editor = people.signed_in(people.bob())
    html = page(editor, f"/settings/sources/{source.pk}/")
    assert "10 added" not in html and "something" in html


def test_limits_are_changed_and_wrong_ones_explained(source):
    admin = people.signed_in(people.alice())
    address = f"/settings/sources/{source.pk}/change/"
    assert "Shown at most to" in page(admin, address)
    wrong = {"name": "lab", "kinds": "Modle", "owner": "x:y:z", "widest": "api:x"}
    html = admin.post(address, wrong).content.decode()
    assert "There is no kind &#39;Modle&#39;." in html
    assert "is neither a group nor a user" in html
    assert html.count('aria-invalid="true"') == 3
    right = {"name": "lab", "kinds": "Component", "owner": "lab", "widest": "group:lab"}
    assert admin.post(address, right).status_code == 302
    source.refresh_from_db()
    assert (source.owner, source.widest) == ("group:default/lab", "group:lab")
    assert page(people.signed_in(people.charlie()), "/catalog/").count("T-b") == 0
