"""Bodies hold what the description says, and nothing that is guessed from it."""

from __future__ import annotations

from typing import Any

import pytest

from portal.accounts.models import ApiToken, SavedView
from portal.api.house import api
from tests.portal.test_api import API, writer
from tests.portal.test_api_own import VIEW, sent

pytestmark = pytest.mark.django_db
__all__ = ["writer"]


@pytest.mark.parametrize("body", ['"AAA"', "[null, null]", "null", "7", "[]", "{}"])
@pytest.mark.parametrize("path", ["/tokens", "/views", "/changes"])
def test_a_body_is_an_object(writer, path, body):
    before = ApiToken.objects.count()
    response = writer.post(f"{API}{path}", body, content_type="application/json")
    assert response.status_code == 422, response.content
    assert response.json()["errors"][0]["at"].startswith("body")
    assert ApiToken.objects.count() == before and not SavedView.objects.exists()


@pytest.mark.parametrize("body", ['"AAA"', "[null, null]", "null", '{"titel": "x"}'])
def test_a_change_is_an_object_of_what_may_be_changed(writer, body):
    made = sent(writer, "POST", "/views", 201, **VIEW)
    path = f"{API}/views/{made['id']}"
    response = writer.patch(path, body, content_type="application/json")
    assert response.status_code == 422, response.content
    assert SavedView.objects.get().title == made["title"]


@pytest.mark.parametrize(
    ("path", "said", "at"),
    [
        ("/views", {"shared": 0}, "shared"),
        ("/views", {"shared": "yes"}, "shared"),
        ("/views", {"share": True}, "share"),
        ("/views", {"title": "  "}, "title"),
        ("/views", {"title": "x" * 81}, "title"),
        ("/tokens", {"scope": "write", "day": 1}, "day"),
        ("/tokens", {"days": True}, "days"),
        ("/tokens", {"days": "30"}, "days"),
        ("/tokens", {"days": 30.5}, "days"),
    ],
)
def test_what_is_nearly_right_is_not_guessed(writer, path, said, at):
    whole: dict[str, Any] = VIEW if path == "/views" else {"title": "ci"}
    problem = sent(writer, "POST", path, 422, **{**whole, **said})
    assert [one["at"] for one in problem["errors"]] == [f"body.{at}"]


def test_every_body_refuses_fields_that_it_does_not_know():
    shapes = api.get_openapi_schema()["components"]["schemas"]
    for name in ("NewView", "ViewChange", "NewToken", "Happened"):
        assert shapes[name]["additionalProperties"] is False


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ('{"title":', 400, "no JSON: Expecting value, at line 1, column 10"),
        ("{'title': 1}", 400, "line 1, column 2"),
        ("", 422, "body: It is missing."),
        ('"AAA"', 422, "body: Send a JSON object."),
        ('{"titel": "x"}', 422, "body.titel: There is no such field"),
        ('{"titel": "x"}', 422, "body.title: It is missing."),
        ('{"title": " "}', 422, "body.title: It is empty."),
        ('{"title": 7}', 422, "body.title: Write a text."),
        ('{"title": "x", "days": "30"}', 422, "body.days: Write a whole number"),
    ],
)
def test_what_is_wrong_with_a_body_is_said_in_plain_words(writer, body, status, said):
    response = writer.post(f"{API}/tokens", body, content_type="application/json")
    problem = response.json()
    assert response.status_code == status and said in problem["detail"], problem
    assert problem["remedy"]
