"""The API about sources: who sees which, what is counted for whom, reading one now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalog.sources import adding, processing, tasks
from catalog.sources.models import Source
from portal.accounts.models import ApiToken
from tests import people
from tests.catalog.documents import document, seen_by, text_of
from tests.portal.test_api import API, client_of, got, reader, writer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
__all__ = ["reader", "writer"]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    hidden = seen_by("group:finance")
    documents = [document(name="open"), document(name="vault", annotations=hidden)]
    (tmp_path / "a.yaml").write_text(text_of(*documents))
    added = adding.add_source(str(tmp_path), name="lab")
    processing.refresh(added)
    return added


@pytest.fixture
def asked(monkeypatch) -> list[Any]:
    """What a worker was asked for."""
    told: list[Any] = []
    monkeypatch.setattr(
        tasks.refresh_source, "apply_async", lambda args, **_: told.append(args)
    )
    return told


def test_editors_see_sources_and_only_what_they_may_in_them(source, writer):
    row = next(one for one in got(writer, "/sources") if one["name"] == "lab")
    assert (row["state"], row["entities"], row["errors"]) == ("ok", 1, 0)
    assert got(writer, f"/sources/{source.pk}") == row
    (run,) = got(writer, f"/sources/{source.pk}/runs")
    assert (run["added"], run["changed_something"]) == (None, True)
    missing = got(writer, f"/sources/{source.pk + 99}", 404)
    assert missing["remedy"]
    admin = client_of(people.alice())
    assert got(admin, f"/sources/{source.pk}")["entities"] == 2
    assert got(admin, f"/sources/{source.pk}/runs")[0]["added"] == 2


@pytest.mark.parametrize("rest", ["", "/1", "/1/runs"])
def test_viewers_see_no_sources(reader, source, rest):
    problem = got(reader, f"/sources{rest}", 403)
    assert "Yours is Viewer" in problem["detail"] and problem["remedy"]


def test_only_administrators_read_a_source(source, writer, asked):
    path = f"{API}/sources/{source.pk}/refresh"
    assert writer.post(path).status_code == 403
    alice = people.alice()
    assert "only reads" in client_of(alice).post(path).json()["detail"]
    assert asked == []


def test_a_reading_is_asked_for_and_found_again(source, asked):
    admin = client_of(people.alice(), ApiToken.WRITE)
    response = admin.post(f"{API}/sources/{source.pk}/refresh")
    assert response.status_code == 202
    after = response.json()["after"]
    assert got(admin, f"/sources/{source.pk}/runs?after={after}") == []
    tasks.refresh_source(*asked[0])
    (run,) = got(admin, f"/sources/{source.pk}/runs?after={after}")
    assert run["reason"] == "alice asked for it by the API." and run["state"] == "ok"
    here = processing.here()
    problem = admin.post(f"{API}/sources/{here.pk}/refresh")
    assert problem.status_code == 409 and "Apply" in problem.json()["remedy"]
    assert admin.post(f"{API}/sources/99/refresh").status_code == 404
