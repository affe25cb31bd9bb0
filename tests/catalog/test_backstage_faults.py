"""Another Backstage that does not answer as it should: the last good state stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest

from catalog import http
from catalog.entities.models import Entity
from catalog.http import fetching
from catalog.secrets.models import Secret
from catalog.sources import adding, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError, provider_of
from catalog.sources.providers import backstage as provided
from tests.catalog.backstages import API, Backstage, backstage, says, send
from tests.catalog.documents import document
from tests.catalog.test_backstage import LIST, REFS

pytestmark = pytest.mark.django_db
VALUE = "s3cr3t-of-backstage"
HTML = b"  <!DOCTYPE html><html>Sign in</html>"


@pytest.fixture
def other() -> Iterator[Backstage]:
    with backstage() as made:
        for name in ("one", "two", "three"):
            made.put(document(name=name))
        yield made


def good(other: Backstage) -> Source:
    source = adding.add_source(other.url, provider="backstage")
    assert processing.refresh(source).added == 3
    return source


def broken_off(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"items": [')


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (says(200, HTML), "a web page and not with JSON. Is it the login of a proxy"),
        (says(200, b'{"items": ['), "what is no JSON"),
        (says(200, b"[" * 100_000), "what is no JSON"),
        (says(200, []), "not with"),
        (says(200, {"items": []}), "not with"),
        (says(200, {"items": "x", "pageInfo": {}}), "not with"),
        (broken_off, "broke off"),
        (says(401, None), "wants a token (401). Backstage knows a static token"),
        (says(403, None), "does not let this token read its catalog (403)"),
        (says(429, None), "asked too often (429)"),
        (says(500, None), "answers 500"),
    ],
)
@pytest.mark.parametrize("route", [LIST, REFS])
def test_a_broken_answer_changes_nothing(other, fault, words, route):
    source = good(other)
    for name in ("one", "two"):
        other.put(document(name=name, title="New"))
    other.faults[route] = fault
    error = processing.refresh(source).error
    assert words in error, error
    source.refresh_from_db()
    assert source.state == Source.FAILED and source.last_error == error
    rows = Entity.objects.filter(orphan_since=None).exclude(title="New")
    assert rows.count() == 3 and not source.findings.exists()
    other.faults.clear()
    assert processing.refresh(source).changed == 2


def test_what_is_no_catalog_is_told_when_it_is_added(other):
    other.old |= {LIST, "/entities"}
    with pytest.raises(SourceError, match=r"no catalog of a Backstage at .*\(404\)"):
        adding.add_source(other.url, provider="backstage")
    other.old.clear()
    other.faults[LIST] = says(200, HTML)
    with pytest.raises(SourceError, match="a web page"):
        adding.add_source(other.url, provider="backstage")
    assert not Source.objects.exclude(target="")


@pytest.mark.parametrize(
    "target",
    [
        "backstage.lab",
        "ftp://a",
        "http://ada:pw@lab",
        "/srv/catalog",
        "http://169.254.169.254",
        "http://8.8.8.8",
        "http://127.0.0.1:1",
    ],
)
def test_an_address_that_cannot_be_asked_is_told(target):
    with pytest.raises(SourceError) as caught:
        adding.add_source(target, provider="backstage")
    assert "pw" not in str(caught.value)


def odd(items: Any) -> Any:
    return says(200, {"items": items, "pageInfo": {}})


@pytest.mark.parametrize(
    "items",
    [
        [1],
        [{"kind": "Component"}],
        [{"kind": "Component", "metadata": {"name": 5}}],
        [{"kind": "", "metadata": {"name": "a"}}],
    ],
)
def test_a_list_of_something_else(other, items):
    source = good(other)
    other.faults[LIST] = odd(items)
    assert "no entity" in processing.refresh(source).error


@pytest.mark.parametrize(
    "items", [[], [1, 2, 3], [{"kind": "Component", "metadata": {"name": "x"}}] * 3]
)
def test_other_entities_than_were_asked_for(other, items):
    source = adding.add_source(other.url, provider="backstage")
    other.faults[REFS] = says(200, {"items": items})
    assert "not with the entities" in processing.refresh(source).error
    assert not Entity.objects.exists()


def test_pages_without_an_end_end(other):
    source = good(other)
    one = {"kind": "Component", "metadata": {"name": "one"}}
    page = {"items": [one], "pageInfo": {"nextCursor": "x"}}
    other.faults[LIST] = says(200, page)
    assert "have no end" in processing.refresh(source).error


def test_more_entities_than_are_taken(other, monkeypatch):
    source = good(other)
    monkeypatch.setattr(provided, "MOST", 2)
    error = processing.refresh(source).error
    assert "more than 2 entities. Allow only some kinds" in error


def test_entities_that_are_too_large_together_come_in_parts(other, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_BYTES", 30_000)
    for number in range(8):
        other.put(document(name=f"c-{number}", description="x" * 9000))
    other.put(document(name="huge", description="x" * 40_000))
    source = adding.add_source(other.url, provider="backstage")
    outcome = processing.refresh(source)
    assert outcome.added == 11
    (problem,) = outcome.problems
    assert problem.path == "component/default/huge" and "larger" in problem.message


def test_what_takes_too_long_is_given_up(other, monkeypatch):
    source = good(other)
    monkeypatch.setattr(provided, "_ANSWER", 0.3)
    # Until the other side hangs up.
    other.faults[LIST] = lambda handler: handler.rfile.read(1)
    assert "does not answer" in processing.refresh(source).error
    monkeypatch.setattr(provided, "_WHOLE", 0.0)
    assert "takes longer" in processing.refresh(source).error


def test_the_token_is_sent_and_shown_nowhere(other, monkeypatch):
    monkeypatch.setitem(os.environ, "TOKEN", VALUE)
    other.token = VALUE
    Secret.objects.create(name="TOKEN", variable="TOKEN", hosts="127.0.0.1", uses="url")
    with pytest.raises(SourceError, match="wants a token"):
        adding.add_source(other.url, provider="backstage")
    source = adding.add_source(other.url, provider="backstage", secret="TOKEN")
    assert processing.refresh(source).added == 3
    other.token = "another"
    error = processing.refresh(source).error
    assert "does not take the token of TOKEN (401)" in error and VALUE not in error
    Secret.objects.update(hosts="elsewhere.lab")
    other.routes()
    assert "is not bound to 127.0.0.1" in processing.refresh(source).error
    assert not other.routes()
    assert Entity.objects.filter(orphan_since=None).count() == 3


def test_a_question_follows_no_redirect(other):
    def elsewhere(handler: Any) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"{API}/elsewhere")
        handler.end_headers()

    other.faults[REFS] = elsewhere
    with pytest.raises(http.Unreachable, match="name that address"):
        http.fetch(f"{other.url}{API}{REFS}", question={"entityRefs": []})
    assert other.routes() == [REFS]


def test_nothing_lies_beside_an_entity(other):
    text = {"definition": {"$text": "./openapi.yaml"}}
    other.put(document("API", "a", spec=text))
    source = adding.add_source(other.url, provider="backstage")
    outcome = processing.refresh(source)
    assert outcome.added == 3
    assert "cannot be read from another Backstage" in outcome.problems[0].message
    assert provider_of(source).web_url("api/default/a") == ""


def test_an_odd_answer_is_no_json(other):
    other.faults[LIST] = lambda handler: send(handler, 200, b"\xff\xfe\x00")
    with pytest.raises(SourceError, match="no JSON"):
        adding.add_source(other.url, provider="backstage")
