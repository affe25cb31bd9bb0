"""A URL that needs a token: it is sent to its own host, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from catalog import http
from catalog.secrets.models import Secret
from catalog.sources import adding, processing
from catalog.sources.models import Source
from tests.catalog.documents import document, text_of
from tests.catalog.test_url import Server, status

pytestmark = pytest.mark.django_db
VALUE = "s3cr3t-value"
seen: list[str] = []


def protected(wanted: str) -> Any:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        given = handler.headers.get("Authorization", "")
        seen.append(given)
        status(200 if given == wanted else 401)(handler)
        handler.wfile.write(text_of(document()).encode() if given == wanted else b"")

    return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("TOKEN", VALUE)
    seen.clear()
    server = Server()
    yield server
    server.web.shutdown()


def source_at(url: str, **secret: Any) -> Source:
    known = {"name": "TOKEN", "hosts": "127.0.0.1", "uses": "url"}
    known["variable"] = "TOKEN"
    Secret.objects.create(**{**known, **secret})
    return adding.add_source(url, secret="TOKEN")


def test_as_a_token_and_with_a_user_name(server):
    server.pages["/a.yaml"] = protected(f"Bearer {VALUE}")
    source = source_at(f"{server.url}/a.yaml")
    assert processing.refresh(source).added == 1
    Secret.objects.update(username="bot")
    server.pages["/a.yaml"] = protected("Basic Ym90OnMzY3IzdC12YWx1ZQ==")
    assert not processing.refresh(source).refused


def test_a_redirect_to_another_host_does_not_carry_it(server):
    other = f"http://localhost:{server.web.server_port}/b.yaml"
    server.pages["/a.yaml"] = status(302, Location=other)
    server.pages["/b.yaml"] = protected("")
    source = source_at(f"{server.url}/a.yaml")
    assert processing.refresh(source).added == 1
    assert seen == [""]


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ({"hosts": "forge.lab"}, "is not bound to 127.0.0.1"),
        ({"uses": "git"}, "may not be used for documents at a URL"),
        ({"variable": "NOT_SET"}, "there is no environment variable NOT_SET"),
        ({"name": "OTHER"}, "The secret TOKEN is not registered"),
    ],
)
def test_what_is_not_allowed_is_not_asked(server, secret, words):
    server.pages["/a.yaml"] = protected("")
    source = source_at(f"{server.url}/a.yaml", **secret)
    (problem,) = processing.refresh(source).problems
    assert words in problem.message and VALUE not in problem.sentence()
    assert not seen


def test_a_wrong_token_is_told_without_it(server):
    server.pages["/a.yaml"] = protected("Bearer other")
    (problem,) = processing.refresh(source_at(f"{server.url}/a.yaml")).problems
    assert "401" in problem.message and VALUE not in problem.sentence()


def test_a_certificate_authority_that_is_none(server):
    with pytest.raises(http.FetchError):
        http.fetch("https://127.0.0.1:1/", ca="no certificate")
