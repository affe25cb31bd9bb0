"""The reference page of the API: all of it, with examples that work."""

from __future__ import annotations

import json
import re
import shlex
from html import unescape

import pytest
from django.test import Client

from portal.accounts.models import ApiToken, Role
from portal.api.described import described
from portal.api.house import api
from tests import people
from tests.catalog.documents import declare, document
from tests.catalog.model_catalogs import PLAIN
from tests.portal.test_api import client_of
from tests.portal.test_pages_catalog import page

pytestmark = pytest.mark.django_db
ADDRESS = "/help/api-reference/"


@pytest.fixture
def html() -> str:
    return page(people.signed_in(people.charlie()), ADDRESS)


def test_every_operation_is_there_with_all_that_is_said_of_it(html):
    shown = unescape(re.sub(r"<[^>]+>", "", html))
    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    number = 0
    for path, methods in paths.items():
        for one in methods.values():
            number += 1
            assert one["description"].replace("`", "") in shown, path
            for row in one["parameters"]:
                assert row["name"] in shown and row["description"], (path, row)
    assert html.count('class="operation"') == number


def test_links_and_anchors_hold(html):
    anchors = re.findall(r'\bid="([^"]+)"', html)
    assert len(anchors) == len(set(anchors))
    for target in re.findall(r'href="#([^"]+)"', html):
        assert target in anchors, target


def test_it_needs_no_script_and_nothing_from_elsewhere(html):
    text = html.partition('<article class="reader-text')[2].partition("</article>")[0]
    assert "<script" not in text and "style=" not in text
    assert set(re.findall(r'(?:src|href)="(https?:)', text)) == set()


def commands() -> list[str]:
    groups = described().groups
    return [one.curl("/api/v1/") for group in groups for one in group.operations]


@pytest.mark.parametrize("command", commands())
def test_examples_are_understood(command, monkeypatch):
    """Each is asked as it stands; what it is about may be missing."""
    client = client_of(people.alice(), ApiToken.WRITE)
    declare(document(name="llm-gateway"))
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:3] == ["curl", "-H", "Authorization: Bearer $TOKEN"]
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body, sort = "", "application/json"
    if "-d" in words:
        body = words[words.index("-d") + 1]
        assert json.loads(body)
    if "--data-binary" in words:
        (said,) = [word for word in words if word.startswith("Content-Type: ")]
        sort = said.partition(" ")[2]
        sent = {"application/yaml": document(name="new"), "application/json": PLAIN}
        body = json.dumps(sent[sort])
    answer = client.generic(method, words[-1], body, content_type=sort)
    assert answer.status_code in (200, 201, 202, 204, 404, 409), answer.content


def test_its_address_is_that_of_the_house(html):
    assert '"http://testserver/api/v1/entities?q=' in unescape(html)


def test_it_is_found(html):
    client = people.signed_in(people.person("dora", "Dora", Role.VIEWER))
    assert ADDRESS in page(client, "/search/?q=endpoints")
    assert ADDRESS in page(client, "/help/api/") and ADDRESS in page(client, "/help/")


def test_strangers_read_it_where_the_house_is_public(settings):
    people.charlie()
    assert Client().get(ADDRESS).status_code == 302
    settings.GREENROOM_PUBLIC = True
    assert Client().get(ADDRESS).status_code == 200
