"""What a client has to know of the real Backstage, and no schema says."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.backstage import serving
from tests.backstage.backend import Backstage
from tests.backstage.comparing import compare
from tests.backstage.configuring import Settings
from tests.backstage.marks import REAL
from tests.servers import MissingServer, postgres

pytestmark = REAL
MANY = 230
NAME = "metadata.name"
QUERY = "/api/catalog/entities/by-query?filter=kind=resource&fields=metadata.name"


def resources(count: int) -> Iterator[str]:
    for number in range(count):
        yield (
            "apiVersion: backstage.io/v1alpha1\nkind: Resource\n"
            f"metadata: {{name: r-{number:04}}}\nspec: {{type: host, owner: lab}}\n"
        )


@pytest.fixture(scope="module")
def many(installed, tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    (folder / "many.yaml").write_text("---\n".join(resources(MANY)))
    with serving.folder(folder) as source, Backstage() as backstage:
        compare(backstage, f"{source}/many.yaml")
        yield backstage


def names(page: dict[str, Any]) -> list[str]:
    return [item["metadata"]["name"] for item in page["items"]]


def test_a_page_without_a_limit_has_200(many):
    page = many.get(QUERY)
    assert len(page["items"]) == 200 and page["totalItems"] == MANY
    assert page["pageInfo"]["nextCursor"]
    listed = many.get("/api/catalog/entities?filter=kind=resource&fields=kind")
    assert len(listed) == MANY, "the older list has no such limit"


def test_no_limit_is_too_large(many):
    assert len(many.get(f"{QUERY}&limit=5000")["items"]) == MANY


def test_only_the_first_order_counts_in_a_query(many):
    order = f"&limit=500&orderField=kind,asc&orderField={NAME},desc"
    by_both = many.get(QUERY + order)
    assert names(by_both) != sorted(names(by_both), reverse=True)
    by_uid = many.get(f"{QUERY}&limit=500")
    assert names(by_both) == names(by_uid)


def test_the_older_list_sorts_by_all_orders_only_if_it_has_a_limit(many):
    path = f"/api/catalog/entities?filter=kind=resource&fields={NAME}"
    path += f"&order=asc:kind&order=desc:{NAME}"
    whole, limited = many.get(path), many.get(f"{path}&limit=500")
    listed, page = (names({"items": found}) for found in (whole, limited))
    assert page == sorted(page, reverse=True) and len(page) == MANY
    assert listed != page and sorted(listed) == sorted(page)


def test_an_unknown_parameter_is_an_error(many):
    assert many.ask("GET", f"{QUERY}&nothing=1").status == 400


def test_facets_are_not_sent_again_while_they_are_the_same(many):
    path = "/api/catalog/entity-facets?facet=kind"
    etag = many.ask("GET", path).headers["etag"]
    assert etag.startswith("W/")
    assert many.ask("GET", path, headers={"If-None-Match": etag}).status == 304


def test_memory_and_processor_time_are_those_of_the_server(many):
    assert many.pids() == [many.process.pid]
    assert many.resident() > 50e6 and many.cpu_seconds() > 0.5


def test_it_runs_on_postgresql_too_and_takes_the_same(installed, tmp_path):
    (tmp_path / "few.yaml").write_text("---\n".join(resources(20)))
    # Not pytest's folder: PostgreSQL's own user has no way into that.
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(postgres(Path(name)))
        except MissingServer as missing:
            pytest.skip(str(missing))
        source = stack.enter_context(serving.folder(tmp_path))
        settings = Settings(database=url, search=False)
        backstage = stack.enter_context(Backstage(settings))
        taken = compare(backstage, f"{source}/few.yaml")
    assert taken.is_clean() and len(taken.entities) == 21
