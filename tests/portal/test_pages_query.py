"""Queries in the browser's pages: the box, wrong ones, reasons, completion, files."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.test import Client

from tests import people
from tests.catalog.documents import declare, document, seen_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer() -> Client:
    declare(
        document("Group", "platform"),
        document("Model", "bge", tags=["gpu"], spec={"owner": "platform"}),
        document("Component", "web", title="=1+1", tags=["gpu"]),
        document("Component", "vault", tags=["secret"], annotations=seen_by("user:x")),
    )
    return people.signed_in(people.charlie())


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def options(client: Client, query: str, at: int | None = None) -> list[str]:
    address = f"/catalog/complete/?q={query}&at={len(query) if at is None else at}"
    return re.findall(r'data-insert="([^"]*)"', text(client, address))


def test_a_wrong_query_says_where_and_what_was_meant(viewer):
    raw = viewer.get("/catalog/?q=tag:gpu+knd:model").content.decode()
    assert "tag:gpu knd:model\n<mark>        ^^^</mark>" in raw
    page = " ".join(raw.split())
    assert "There is no field “knd”." in page
    assert re.search(r"q=tag(:|%3A)gpu(\+|%20)kind(:|%3A)model", page)
    assert 'href="/help/queries/"' in page


def test_what_is_not_known_is_offered(viewer):
    page = text(viewer, "/catalog/?q=-status:up+kind:model")
    assert "1 more may be meant" in page
    assert "Show them too" in page and "Show only them" in page


def test_it_says_why_one_is_not_here(viewer):
    page = text(viewer, "/catalog/?q=tag:gpu+kind:model&why=web")
    assert "is not in the answer" in page and "Does not hold" in page
    assert "is in the answer" in text(viewer, "/catalog/?q=tag:gpu&why=bge")
    hidden = text(viewer, "/catalog/?q=tag:gpu&why=vault")
    assert "Nothing that you may see is called “vault”." in hidden


def test_fields_and_values_are_completed_with_counts(viewer):
    assert options(viewer, "")[:2] == ["kind:", "owner:"]
    assert options(viewer, "ki") == ["kind:"]
    assert options(viewer, "-ta")[0] == "tag:"
    assert options(viewer, "kind:m") == ["Model", "Component"]
    assert options(viewer, "tag:") == ["gpu"]
    assert options(viewer, "owner:pl") == ["group:platform"]
    assert "bge" not in options(viewer, "nonsense:")
    assert options(viewer, "kind:m tag:gpu", 6) == ["Model", "Component"]
    assert "orphan" not in options(viewer, "is:")
    assert options(viewer, '"half') == []


def test_a_result_can_be_taken_as_csv_and_yaml(viewer):
    response = viewer.get("/catalog/catalog.csv?q=tag:gpu")
    said = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(said)))
    assert [row["ref"] for row in rows] == [
        "component:default/web",
        "model:default/bge",
    ]
    # A spreadsheet must not run what somebody wrote into a title.
    assert rows[0]["title"] == "'=1+1"
    response = viewer.get("/catalog/catalog-info.yaml?q=kind:model")
    said = b"".join(response.streaming_content).decode()
    assert "name: bge" in said and "name: web" not in said


def test_what_is_hidden_is_in_no_file_and_no_completion(viewer):
    for address in (
        "/catalog/catalog.csv",
        "/catalog/catalog-info.yaml?q=kind:component",
    ):
        said = b"".join(viewer.get(address).streaming_content).decode()
        assert "vault" not in said and "secret" not in said, address
    assert "secret" not in options(viewer, "tag:")
    assert not [one for one in options(viewer, "name:v") if "vault" in one]


def test_the_stamp_of_a_result_is_its_own(viewer):
    first = viewer.get("/catalog/catalog.csv?q=tag:gpu")["ETag"]
    assert first != viewer.get("/catalog/catalog.csv?q=tag:x")["ETag"]
    again = viewer.get(
        "/catalog/catalog.csv?q=tag:gpu", headers={"If-None-Match": first}
    )
    assert again.status_code == 304


def test_the_palette_takes_queries_and_half_ones(viewer):
    page = text(viewer, "/search/?q=kind:model")
    assert "bge" in page
    assert "web" in text(viewer, "/search/?q=web+(")
