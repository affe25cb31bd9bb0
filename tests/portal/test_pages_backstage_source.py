"""Another Backstage on the pages of sources: adding, what it reads, where to edit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from catalog.entities.models import Entity
from catalog.sources import processing, tasks
from catalog.sources.models import Source
from tests import people
from tests.catalog.backstages import Backstage, backstage, says
from tests.catalog.documents import document
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
ADD = "/settings/sources/add/"


@pytest.fixture
def admin() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def other() -> Iterator[Backstage]:
    with backstage() as made:
        made.put(document(name="web"))
        yield made


def given(other: Backstage, **fields: str) -> dict[str, str]:
    return {"target": other.url, "provider": "backstage", "kinds": "", **fields}


def test_it_is_previewed_added_and_read_by_the_worker(other, admin, monkeypatch):
    assert "Another Backstage, or another Greenroom" in page(admin, ADD)
    html = admin.post(ADD, given(other)).content.decode()
    assert "1 new" in html and not Entity.objects.filter(name="web")
    asked = []
    monkeypatch.setattr(
        tasks.refresh_source, "apply_async", lambda args, **_: asked.append(args)
    )
    admin.post(ADD, given(other, add="1", kinds="Component"))
    source = Source.objects.get(provider="backstage")
    assert asked == [(source.pk, "The source was added.")]
    processing.refresh(source)
    html = page(admin, f"/settings/sources/{source.pk}/")
    assert "Component; over /api/catalog, never written to" in html
    assert other.url in page(admin, "/settings/sources/")


def test_what_does_not_answer_is_told_at_the_field(other, admin):
    other.faults["/entities/by-query"] = says(200, b"<html>Sign in</html>")
    html = admin.post(ADD, given(other, add="1")).content.decode()
    assert "a web page and not with JSON" in html
    assert not Source.objects.filter(provider="backstage")


def test_only_what_a_backstage_needs_can_be_changed(other, admin):
    source = Source.objects.create(name="b", provider="backstage", target=other.url)
    html = page(admin, f"/settings/sources/{source.pk}/change/")
    assert 'name="secret"' in html and 'name="interval"' in html
    for name in ("branch", "pattern", "known_hosts"):
        assert f'name="{name}"' not in html


@pytest.mark.parametrize(
    ("annotations", "href"),
    [
        (("view",), "https://forge.lab/view"),
        (("view", "source"), "https://forge.lab/source"),
        (("view", "source", "edit"), "https://forge.lab/edit"),
        ((), ""),
    ],
)
def test_edit_leads_to_where_the_other_side_edits(other, admin, annotations, href):
    every = {
        "view": ("backstage.io/view-url", "https://forge.lab/view"),
        "source": ("backstage.io/source-location", "url:https://forge.lab/source"),
        "edit": ("backstage.io/edit-url", "https://forge.lab/edit"),
    }
    said = dict(every[name] for name in annotations)
    other.put(document(name="web", annotations=said))
    source = Source.objects.create(name="b", provider="backstage", target=other.url)
    processing.refresh(source)
    html = page(admin, "/catalog/default/component/web/")
    assert ("Edit at source" in html) is bool(href)
    assert not href or f'href="{href}"' in html
