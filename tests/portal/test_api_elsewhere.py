"""What fails outside the endpoints is a problem for programs, and a page for people."""

from __future__ import annotations

import base64

import pytest
from django.http import HttpRequest, HttpResponse

from portal.api import elsewhere
from tests.portal.test_api import API, got, reader, writer

pytestmark = pytest.mark.django_db
__all__ = ["reader", "writer"]


@pytest.mark.parametrize("path", ["/nothing", "/entities/", "/entities/component/web"])
def test_an_address_that_there_is_not(reader, path):
    problem = got(reader, path, 404)
    assert f"{API}{path}" in problem["detail"] and "reference" in problem["remedy"]


def test_a_page_that_there_is_not_stays_a_page(reader):
    assert reader.get("/nothing/")["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", [f"{API}/apply", "/settings/sources/paste/"])
def test_too_large_says_how_much_may_be_sent(writer, path):
    answer = writer.post(path, "x" * 5_300_000, content_type="application/yaml")
    assert answer.status_code == 413 and "5 MB" in answer.content.decode()
    assert "HOSTS" not in answer.content.decode()
    is_problem = answer["Content-Type"] == "application/problem+json"
    assert is_problem is path.startswith(API)


def test_a_strange_host_is_told(reader, settings):
    settings.ALLOWED_HOSTS = ["green.lab"]
    answer = reader.get(f"{API}/entities", headers={"Host": "strange.example"})
    assert answer.status_code == 400
    assert "GREENROOM_ALLOWED_HOSTS" in answer.json()["remedy"]


def test_what_breaks_is_a_problem_too(rf):
    def broken(path: str) -> HttpResponse:
        request: HttpRequest = rf.get(path)
        return elsewhere.server_error(request)

    assert broken(f"{API}/entities")["Content-Type"] == "application/problem+json"
    assert broken("/")["Content-Type"].startswith("text/html")


def test_a_cursor_without_bottom_is_no_cursor(reader):
    deep = base64.urlsafe_b64encode(b"[" * 1400).decode().rstrip("=")
    for order in ("title", "best"):
        problem = got(reader, f"/entities?q=x&order={order}&cursor={deep}", 400)
        assert "no cursor" in problem["detail"]


def test_sentences_end_before_the_remedy_begins(reader):
    assert got(reader, "/entities?limit=0", 422)["detail"].endswith(" 1.")
