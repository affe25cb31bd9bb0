"""The API about what is one's own: saved views, and tokens that make tokens."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts import tokens
from portal.accounts.models import ApiToken, AuditEvent, Role, SavedView
from tests import people
from tests.portal.test_api import API, client_of, got, reader, writer
from tests.portal.test_pages_catalog import page

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
__all__ = ["reader", "writer"]


def sent(client: Client, method: str, path: str, status: int, **body: Any) -> Any:
    response = client.generic(
        method, f"{API}{path}", json.dumps(body), content_type="application/json"
    )
    assert response.status_code == status, response.content
    return response.json() if response.content else None


VIEW = {"title": "No tier", "query": "?q=tier:none&page=3&kind=Component"}


def test_a_view_is_saved_renamed_shared_and_removed(writer, reader):
    made = sent(writer, "POST", "/views", 201, **VIEW)
    assert made["query"] == "q=tier%3Anone&kind=Component" and made["mine"]
    assert made["url"].startswith("http") and not made["shared"]
    assert got(writer, "/views") == [made] and got(reader, "/views") == []
    path = f"/views/{made['id']}"
    assert sent(writer, "PATCH", path, 200, title="None")["title"] == "None"
    assert sent(writer, "PATCH", path, 200, shared=True)["shared"]
    (seen,) = got(reader, "/views")
    assert (seen["title"], seen["owner"], seen["mine"]) == ("None", "Bob Baker", False)
    assert sent(writer, "PATCH", path, 200, shared=False)["title"] == "None"
    assert got(reader, "/views") == []
    sent(writer, "DELETE", path, 204)
    sent(writer, "DELETE", path, 404)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": "nul\0"}, "Null"),
        ({"query": ""}, "nothing to save"),
        ({"query": "page=2"}, "nothing to save"),
        ({"query": "q=" + "x" * 30_000}, "30"),
    ],
)
def test_a_view_that_cannot_be_saved_is_told(writer, wrong, said):
    problem = sent(writer, "POST", "/views", 400, **{**VIEW, **wrong})
    assert said in problem["detail"] and problem["remedy"]
    assert problem["errors"][0]["at"].startswith("body.")
    assert not SavedView.objects.exists()


def test_a_view_of_a_bare_query_is_told_how_it_is_written(writer):
    problem = sent(writer, "POST", "/views", 400, title="x", query="kind:model")
    assert "q=kind:model" in problem["remedy"]


def test_two_views_have_two_titles(writer):
    sent(writer, "POST", "/views", 201, **VIEW)
    other = sent(writer, "POST", "/views", 201, **{**VIEW, "title": "Other"})
    assert "already" in sent(writer, "POST", "/views", 409, **VIEW)["detail"]
    problem = sent(writer, "PATCH", f"/views/{other['id']}", 409, title="no TIER")
    assert "already" in problem["detail"]


def test_the_views_of_others_are_not_changed(writer):
    owner = people.person("dora", "Dora", Role.EDITOR)
    row = SavedView.objects.create(
        owner=owner, title="Mine", query="q=x", is_shared=True
    )
    for method in ("PATCH", "DELETE"):
        theirs = sent(writer, method, f"/views/{row.pk}", 404)
        none = sent(writer, method, f"/views/{row.pk + 99}", 404)
        told = none["detail"].replace(str(row.pk + 99), str(row.pk))
        assert theirs["detail"] == told
    assert SavedView.objects.get().title == "Mine"


def test_a_viewer_saves_for_themselves_and_shares_nothing():
    client = people.signed_in(people.charlie())
    made = sent(client, "POST", "/views", 201, **VIEW)
    problem = sent(client, "PATCH", f"/views/{made['id']}", 403, shared=True)
    assert (
        "role is Viewer" in problem["detail"] and "administrator" in problem["remedy"]
    )
    sent(client, "POST", "/views", 403, title="x", query="q=x", shared=True)
    assert (
        "only reads"
        in sent(client_of(people.bob()), "POST", "/views", 403, **VIEW)["detail"]
    )


def test_a_token_is_made_once_shown_and_revoked(writer):
    response = writer.post(
        f"{API}/tokens", json.dumps({"title": "ci"}), content_type="application/json"
    )
    made = response.json()
    assert response.status_code == 201 and response["Cache-Control"] == "no-store"
    assert made["token"].startswith("grm_") and made["scope"] == "read"
    listed = got(writer, "/tokens")
    assert made["token"] not in json.dumps(listed)
    assert {one["title"]: one["current"] for one in listed} == {
        "ci": False,
        "test write": True,
    }
    child = Client(headers={"Authorization": f"Bearer {made['token']}"})
    assert len(got(child, "/tokens")) == 2
    sent(writer, "DELETE", f"/tokens/{made['id']}", 204)
    got(child, "/tokens", 401)
    sent(writer, "DELETE", f"/tokens/{made['id']}", 404)
    actions = AuditEvent.objects.filter(subject="ci").values_list("action", flat=True)
    assert set(actions) == {"made the token", "revoked the token"}


def test_a_token_makes_none_that_may_more(writer, reader):
    assert "only reads" in sent(reader, "POST", "/tokens", 403, title="x")["detail"]
    browser = people.signed_in(people.person("dora", "Dora", Role.VIEWER))
    problem = sent(browser, "POST", "/tokens", 403, title="x", scope="write")
    assert "role Editor" in problem["detail"]
    sent(browser, "POST", "/tokens", 201, title="x")
    for wrong in ({"title": " "}, {"title": "x", "days": -1}):
        assert sent(writer, "POST", "/tokens", 422, **wrong)["errors"]
    again = sent(writer, "POST", "/tokens", 409, title="test write")
    assert "already" in again["detail"]


def test_a_token_made_by_a_token_cannot_outlive_it(writer):
    parent = ApiToken.objects.get(title="test write")
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=10))
    for days in (0, 11):
        problem = sent(writer, "POST", "/tokens", 403, title="c", days=days)
        assert "outlive" in problem["detail"]
        assert problem["errors"][0]["at"] == "body.days"
    child = sent(writer, "POST", "/tokens", 201, title="c", scope="write", days=9)
    assert child["made_by"] == parent.pk
    client = Client(headers={"Authorization": f"Bearer {child['token']}"})
    grown = sent(client, "POST", "/tokens", 201, title="g", days=8)
    html = page(people.signed_in(parent.account), "/me/tokens/")
    assert "made by “c”" in html
    assert tokens.revoke(parent, parent.account) == 3
    for text in (child["token"], grown["token"]):
        got(Client(headers={"Authorization": f"Bearer {text}"}), "/tokens", 401)


def test_the_tokens_of_others_are_not_there(writer, reader):
    theirs = ApiToken.objects.get(account__username="charlie")
    assert theirs.title not in json.dumps(got(writer, "/tokens"))
    sent(writer, "DELETE", f"/tokens/{theirs.pk}", 404)
    got(reader, "/tokens")
