"""What tools tell of entities: checked, noted once, shown to who may see it then."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.entities import past, retention
from catalog.entities.models import Event
from portal.accounts.models import ApiToken, Role
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_api import API, client_of, got, reader, writer
from tests.portal.test_pages_catalog import page

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
__all__ = ["reader", "writer"]
HISTORY = "/catalog/default/component/web/history/"
TOLD = "/entities/component/default/web/changes"
REF = "component:default/web"
DEPLOYED = {
    "ref": "component:web",
    "action": "deployed",
    "title": "From main",
    "tool": "Forgejo",
    "version": "1.4.2",
    "url": "https://forge.lab/runs/42",
}


def told(client: Client, status: int = 201, **said: Any) -> Any:
    headers = said.pop("headers", {})
    response = client.post(
        f"{API}/changes",
        json.dumps({**DEPLOYED, **said}),
        content_type="application/json",
        headers=headers,
    )
    assert response.status_code == status, response.content
    return response.json()


@pytest.fixture
def web() -> None:
    declare(document(name="web", title="T-web"))


def test_a_deployment_stands_in_the_history_and_among_changes(web, writer):
    row = told(writer)
    assert (row["ref"], row["author"], row["version"]) == (REF, "bob", "1.4.2")
    client = people.signed_in(people.charlie())
    for address in (HISTORY, "/changes/", "/changes/?action=reported&who=forgejo"):
        html = page(client, address)
        assert "Forgejo" in html and "1.4.2" in html and "From main" in html
        assert 'href="https://forge.lab/runs/42"' in html
        assert "reported by bob, token test write" in html
    for query in ("action=added", "source=Made here", "who=nobody", "kind=System"):
        assert "1.4.2" not in page(client, f"/changes/?{query}")
    (listed,) = got(writer, TOLD)
    assert listed == row


def test_the_same_key_is_noted_once(web, writer):
    first = told(writer, key="run-42")
    assert told(writer, 200, key="run-42")["id"] == first["id"]
    again = told(writer, 200, headers={"Idempotency-Key": "run-42"})
    assert again["id"] == first["id"] and Event.objects.count() == 1
    problem = told(writer, 409, key="run-42", version="1.4.3")
    assert "`version`" in problem["detail"] and problem["remedy"]
    told(client_of(people.alice(), ApiToken.WRITE), key="run-42")
    told(writer)
    told(writer)
    assert Event.objects.count() == 4


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://[bad"}, "url"),
        ({"url": "/runs/42"}, "url"),
        ({"url": "https://me:secret@forge.lab/"}, "url"),
        ({"title": "two\nlines"}, "title"),
        ({"title": "nul\0"}, "title"),
        ({"at": (datetime.now(UTC) + timedelta(minutes=5)).isoformat()}, "at"),
        ({"at": "1970-01-01T00:00:00Z"}, "at"),
        ({"ref": "nonsense"}, ""),
    ],
)
def test_what_is_wrong_is_told_and_not_noted(web, writer, said, field):
    problem = told(writer, 400, **said)
    assert problem["detail"] and problem["remedy"]
    assert not field or problem["errors"][0]["at"].endswith(field)
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"url": "https://forge.lab/" + "x" * 1000}, "url"),
        ({"action": "  "}, "action"),
        ({"version": "1" * 101}, "version"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"at": 1764115200}, "at"),
        ({"at": "1764115200"}, "at"),
        ({"verison": "1"}, "verison"),
    ],
)
def test_what_the_description_does_not_allow_is_not_noted(web, writer, said, field):
    problem = told(writer, 422, **said)
    assert [one["at"].split(".")[-1] for one in problem["errors"]] == [field]
    assert not Event.objects.exists()


def test_a_clock_that_is_a_little_ahead_is_no_fault(web, writer):
    ahead = (datetime.now(UTC) + timedelta(seconds=30)).isoformat()
    assert datetime.fromisoformat(told(writer, at=ahead)["at"]) <= timezone.now()


def test_only_editors_tell_and_only_of_what_they_see(web, writer, reader):
    assert "only reads" in told(reader, 403)["detail"]
    declare(document(name="vault", annotations=seen_by("user:eve")))
    hidden = told(writer, 404, ref="component:vault")["detail"]
    missing = told(writer, 404, ref="component:nothing")["detail"]
    assert hidden.replace("vault", "nothing") == missing
    client = people.signed_in(people.person("dora", "Dora", Role.VIEWER))
    assert "Yours is Viewer" in told(client, 403)["detail"]


def versions(client: Client, api: Client) -> set[str]:
    """Which builds come out, by whatever way."""
    said = page(client, HISTORY) + page(client, "/changes/")
    said += json.dumps(got(api, TOLD))
    return set(re.findall(r"build-[123]", said))


def test_what_was_done_while_it_was_hidden_stays_hidden(writer, reader):
    admin = client_of(people.alice(), ApiToken.WRITE)
    client = people.signed_in(people.person("dora", "Dora", Role.VIEWER))
    declare(document(name="web", description="1"))
    told(admin, version="build-1")
    declare(document(name="web", description="2", annotations=seen_by("user:eve")))
    told(admin, version="build-2")
    assert "build-1" not in page(client, "/changes/")
    got(reader, TOLD, 404)
    began = timezone.now()
    declare(document(name="web", description="3"))
    told(admin, version="build-3")
    assert versions(client, reader) == {"build-3"}
    # Told later about that time, it is of that time.
    told(admin, version="build-2", at=began.isoformat())
    assert versions(client, reader) == {"build-3"}
    assert len(got(admin, TOLD)) == 4


def test_pages_of_changes_lose_no_event(writer):
    declare(*(document(name=f"n{i}", title=f"T-{i:02}") for i in range(45)))
    declare(document(name="web"))
    for number in range(50):
        told(writer, version=f"v{number:02}", action=f"act{number:02}")
    seen: list[str] = []
    address = "/changes/"
    client = people.signed_in(people.person("dora", "Dora", Role.VIEWER))
    for _ in range(9):
        html = page(client, address)
        seen += re.findall(r"act(\d\d)\b", html)
        seen += re.findall(r"T-\d\d", html)
        older = re.search(r'href="(/changes/[^"]*)"[^>]*>(?:(?!</a>).)*Older', html)
        if not older:
            break
        address = older[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 95


@pytest.mark.parametrize("query", ["event=x", "event=" + "9" * 17 + ".1", "event=1.1"])
def test_any_place_is_answered(web, query):
    client = people.signed_in(people.charlie())
    page(client, f"/changes/?{query}")


def test_old_events_go_with_the_history(web, writer):
    told(writer, at=(timezone.now() - timedelta(days=20)).isoformat())
    told(writer)
    assert retention.forget_events(0) == 0
    assert retention.forget_events(10) == 1 and Event.objects.count() == 1


def test_who_could_read_is_known_after_the_text_is_gone(writer):
    """The revision that hid it may be forgotten before the event."""
    admin = client_of(people.alice(), ApiToken.WRITE)
    declare(document(name="web", annotations=seen_by("user:eve")))
    told(admin)
    declare(document(name="web"))
    viewer = people.viewer(people.charlie())
    event = Event.objects.get()
    event.identity.revisions.order_by("pk")[0].delete()
    declare(document(name="other"))
    assert not past.events(viewer).exists()
