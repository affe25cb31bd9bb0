"""Backstage's catalog API: who gets in, what is seen, filters, pages, errors."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.sources.models import Source
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken
from portal.api.limits import LIMIT
from tests import people
from tests.catalog.documents import declare, document, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
API = "/api/catalog"
SECRET = "zebrafinch"


def client_of(account: Account, scope: str = ApiToken.READ) -> Client:
    _, text = tokens.make(account, f"test {scope}", scope, 0)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def reader(catalog: None) -> Client:
    return client_of(people.charlie())


@pytest.fixture
def catalog() -> None:
    declare(
        document(
            name="chat",
            title="Chat window",
            tags=["python", "ui"],
            labels={"example.org/tier": "1"},
            spec={"dependsOn": ["component:server"], "cost": 2},
        ),
        document(name="server", tags=["python"], spec={"type": "model-server"}),
        document("API", "completions", spec={"owner": "readers"}),
        document(
            name=SECRET,
            tags=[f"{SECRET}-tag"],
            annotations=seen_by("group:speech"),
            spec={"dependsOn": ["component:server"], "type": f"{SECRET}-type"},
        ),
    )


def got(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"{API}{path}")
    assert response.status_code == status, response.content
    return response.json()


def posted(client: Client, path: str, body: Any, status: int = 200) -> Any:
    response = client.post(f"{API}{path}", body, content_type="application/json")
    assert response.status_code == status, response.content
    return json.loads(response.content) if response.content else None


def names(items: list[Any]) -> list[str]:
    return [item["metadata"]["name"] for item in items]


def asked(client: Client, query: str) -> list[str]:
    found = got(client, f"/entities/by-query?orderField=metadata.name,asc&{query}")
    assert found["totalItems"] == len(found["items"])
    return names(found["items"])


def test_an_entity_has_its_etag_and_relations(reader: Client) -> None:
    found = got(reader, "/entities/by-name/Component/DEFAULT/Chat")
    row = Entity.objects.get(name="chat")
    assert found["metadata"]["etag"] == row.etag
    assert found["metadata"]["uid"] == str(row.identity.uid)
    assert {"type": "dependsOn", "targetRef": "component:default/server"} in found[
        "relations"
    ]
    types = [(one["type"], one["targetRef"]) for one in found["relations"]]
    assert types == sorted(types)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter=kind=component", ["chat", "server"]),
        ("filter=KIND=Component,metadata.tags=UI", ["chat"]),
        ("filter=metadata.tags=ui,metadata.tags=python", ["chat", "server"]),
        ("filter=kind=api&filter=spec.type=model-server", ["completions", "server"]),
        ("filter=metadata.labels.example.org/tier", ["chat"]),
        ("filter=relations.dependsOn=component:default/server", ["chat"]),
        ("filter=spec.cost=2", ["chat"]),
        ("filter=metadata.tags.python=true,kind=component", ["chat", "server"]),
        ("filter=kind=nothing", []),
        ("fullTextFilterTerm=HAT&fullTextFilterFields=metadata.title", ["chat"]),
        ("fullTextFilterTerm=ser", ["server"]),
    ],
)
def test_filters(reader: Client, query: str, expected: list[str]) -> None:
    assert asked(reader, query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": "component"}, ["chat", "server"]),
        ({"$any": [{"kind": "api"}, {"metadata.tags": "ui"}]}, ["chat", "completions"]),
        ({"kind": "component", "$not": {"metadata.tags": "ui"}}, ["server"]),
        ({"spec.cost": {"$exists": True}}, ["chat"]),
        ({"metadata.name": {"$hasPrefix": "Co"}}, ["completions"]),
        (
            {"spec.type": {"$in": ["openapi", "model-server"]}},
            ["completions", "server"],
        ),
        (
            {
                "relations": {
                    "$contains": {
                        "type": "dependsOn",
                        "targetRef": "component:default/server",
                    }
                }
            },
            ["chat"],
        ),
    ],
)
def test_predicates(reader: Client, query: Any, expected: list[str]) -> None:
    order = [{"field": "metadata.name", "order": "asc"}]
    body = {"query": query, "orderBy": order}
    assert names(posted(reader, "/entities/by-query", body)["items"]) == expected


@pytest.mark.parametrize("order", ["metadata.name,asc", "metadata.name,desc", ""])
def test_pages_lead_there_and_back(order: str, catalog: None) -> None:
    declare(*(document(name=f"n{n}", title=f"T{n % 3}") for n in range(11)))
    client = client_of(people.charlie())
    start = (
        f"/entities/by-query?limit=4&orderField={order}"
        if order
        else ("/entities/by-query?limit=4")
    )
    whole = names(got(client, start.replace("limit=4", "limit=99"))["items"])
    page, pages = got(client, start), []
    while True:
        pages.append(names(page["items"]))
        cursor = page["pageInfo"].get("nextCursor")
        if not cursor:
            break
        page = got(client, f"/entities/by-query?limit=4&cursor={quote(cursor)}")
    assert [name for part in pages for name in part] == whole
    back = []
    while cursor := page["pageInfo"].get("prevCursor"):
        page = got(client, f"/entities/by-query?limit=4&cursor={quote(cursor)}")
        back.append(names(page["items"]))
    assert back == pages[-2::-1]


def test_a_page_goes_on_where_its_first_entity_was_removed(reader: Client) -> None:
    first = got(reader, "/entities/by-query?limit=1&orderField=metadata.name")
    Entity.objects.filter(name="chat").delete()
    generation.advance()
    cursor = quote(first["pageInfo"]["nextCursor"])
    assert names(
        got(reader, f"/entities/by-query?limit=1&cursor={cursor}")["items"]
    ) == ["completions"]


def test_references_come_back_in_their_order_with_null_for_none(reader: Client) -> None:
    refs = [
        "api:default/completions",
        "component:default/none",
        "Component:default/CHAT",
    ]
    body = {"entityRefs": refs, "fields": ["kind", "metadata.name"]}
    found = posted(reader, "/entities/by-refs", body)["items"]
    assert found == [
        {"kind": "API", "metadata": {"name": "completions"}},
        None,
        {"kind": "Component", "metadata": {"name": "chat"}},
    ]


def test_facets_count_what_is_there(reader: Client) -> None:
    found = got(reader, "/entity-facets?facet=kind&facet=metadata.tags&facet=spec.x")
    assert found["facets"]["metadata.tags"] == [
        {"value": "python", "count": 2},
        {"value": "ui", "count": 1},
    ]
    assert {"value": "Component", "count": 2} in found["facets"]["kind"]
    assert found["facets"]["spec.x"] == []


READS = [
    "/entities",
    "/entities?filter=kind=component",
    "/entities/by-query",
    "/entities/by-query?fullTextFilterTerm=e&fullTextFilterFields=metadata.name",
    "/entities/by-name/component/default/server",
    "/entities/by-name/component/default/server/ancestry",
    "/entity-facets?facet=kind&facet=metadata.tags&facet=spec.type&facet=metadata.name",
    "/entity-facets?facet=relations.dependencyOf&facet=metadata.uid",
    "/locations",
]


@pytest.mark.parametrize("path", READS)
def test_nothing_hidden_comes_out(path: str, reader: Client) -> None:
    assert SECRET not in json.dumps(got(reader, path))
    admin = client_of(people.alice())
    if "ancestry" not in path and path != "/locations":
        assert SECRET in json.dumps(got(admin, path)) or "uid" in path


def test_what_is_hidden_is_as_what_is_missing(reader: Client) -> None:
    def told(name: str) -> str:
        answers = [
            got(reader, f"/entities/by-name/component/default/{name}", 404),
            got(reader, f"/entities/by-name/component/default/{name}/ancestry", 404),
            got(reader, f"/locations/by-entity/component/default/{name}", 404),
            posted(
                reader,
                "/entities/by-refs",
                {"entityRefs": [f"component:default/{name}"]},
            ),
            got(reader, f"/entities/by-query?filter=metadata.name={name}"),
            got(
                reader,
                f"/entities?filter=relations.dependencyOf=component:default/{name}",
            ),
        ]
        return json.dumps(answers).replace(name, "?")

    assert told(SECRET) == told("nobody")
    uid = Entity.objects.get(name=SECRET).identity.uid
    assert (
        got(reader, f"/entities/by-uid/{uid}", 404)["error"]["name"] == "NotFoundError"
    )


def test_a_relation_that_a_hidden_entity_declares_is_not_told(reader: Client) -> None:
    found = got(reader, "/entities/by-name/component/default/server")
    assert [
        one["targetRef"] for one in found["relations"] if "pendency" in one["type"]
    ] == ["component:default/chat"]
    admin = client_of(people.alice())
    found = got(admin, "/entities/by-name/component/default/server")
    assert f"component:default/{SECRET}" in json.dumps(found["relations"])


def test_a_cursor_shows_no_more_to_another(reader: Client) -> None:
    admin = client_of(people.alice())
    page = got(admin, "/entities/by-query?limit=1&orderField=metadata.name")
    cursor = quote(page["pageInfo"]["nextCursor"])
    found = got(reader, f"/entities/by-query?limit=50&cursor={cursor}")
    assert SECRET not in json.dumps(found["items"])


@pytest.mark.parametrize(
    ("path", "status", "name"),
    [
        ("/entities/by-query?cursor=bm9uc2Vuc2U=", 400, "InputError"),
        ("/entities/by-query?limit=many", 400, "InputError"),
        ("/entities/by-query?orderField=metadata.name,up", 400, "InputError"),
        ("/entities?filter==x", 400, "InputError"),
        ("/entities?limit=0", 400, "InputError"),
        ("/entities?order=metadata.name", 400, "InputError"),
        ("/entity-facets", 400, "InputError"),
        ("/entity-facets?" + "facet=a&" * 601, 400, "InputError"),
        ("/entities/by-uid/none", 404, "NotFoundError"),
    ],
)
def test_errors_have_the_form_that_clients_read(
    path: str, status: int, name: str, reader: Client
) -> None:
    found = got(reader, path, status)
    assert found["error"]["name"] == name and found["error"]["message"]
    assert found["request"] == {"method": "GET", "url": path}
    assert found["response"] == {"statusCode": status}


@pytest.mark.parametrize(
    "cursor",
    [
        {"orderFields": [], "asked": {}, "at": None, "isPrevious": False},
        {
            "orderFields": [["metadata.name", False]],
            "asked": {"filter": 3},
            "at": ["a", "b"],
            "isPrevious": True,
            "totalItems": None,
        },
        {
            "orderFields": [["metadata.name", False]],
            "asked": {"query": {"$not": []}},
            "at": None,
            "isPrevious": True,
            "totalItems": "x",
        },
    ],
)
def test_a_cursor_that_somebody_made_up_is_refused(cursor: Any, reader: Client) -> None:
    text = quote(base64.b64encode(json.dumps(cursor).encode()).decode())
    found = got(reader, f"/entities/by-query?cursor={text}", 400)
    assert found["error"]["name"] == "InputError"


def test_who_has_no_token_stays_outside(catalog: None, settings: Any) -> None:
    found = got(Client(), "/entities", 401)
    assert found["error"]["name"] == "AuthenticationError"
    wrong = Client(headers={"Authorization": "Bearer grm_nothing"})
    assert got(wrong, "/entities", 401)["error"]["name"] == "AuthenticationError"
    settings.GREENROOM_PUBLIC = True
    assert SECRET not in json.dumps(got(Client(), "/entities"))
    assert "chat" in json.dumps(got(Client(), "/entities"))


def test_a_session_reads_and_changes_nothing(catalog: None) -> None:
    client = people.signed_in(people.alice())
    assert SECRET in json.dumps(got(client, "/entities"))
    found = posted(client, "/refresh", {"entityRef": "component:default/chat"}, 403)
    assert found["error"]["name"] == "NotAllowedError"


def test_who_asks_too_much_is_told(
    reader: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LIMIT, "most", 0)
    response = reader.get(f"{API}/entities")
    assert response.status_code == 429 and response["Retry-After"]


def test_writes_are_refused_with_a_reason(catalog: None) -> None:
    client = client_of(people.alice(), ApiToken.WRITE)
    location = {"type": "url", "target": "https://git.example/x"}
    found = posted(client, "/locations", location, 403)
    assert "portal" in found["error"]["message"]
    uid = Entity.objects.get(name="chat").identity.uid
    assert client.delete(f"{API}/entities/by-uid/{uid}").status_code == 403
    assert Entity.objects.filter(name="chat").exists()


def test_refresh_reads_the_source_again(catalog: None, tmp_path: Any) -> None:
    writer = client_of(people.bob(), ApiToken.WRITE)
    source = Source.objects.create(name="f", provider="folder", target=str(tmp_path))
    Entity.objects.filter(name="chat").update(source=source)
    before = Source.objects.get(pk=source.pk).due_at
    declare(document(name="another"))
    assert posted(writer, "/refresh", {"entityRef": "component:default/chat"}) is None
    assert Source.objects.get(pk=source.pk).due_at > before
    missing = {"entityRef": f"component:default/{SECRET}x"}
    assert posted(writer, "/refresh", missing, 404)["error"]["name"] == "NotFoundError"
    read_only = client_of(people.charlie())
    posted(read_only, "/refresh", {"entityRef": "component:default/chat"}, 403)


def test_validation_says_every_complaint(reader: Client) -> None:
    good = {"entity": document(name="fine"), "location": "url:https://x.example/y"}
    assert posted(reader, "/validate-entity", good) is None
    bad = {**good, "entity": {**document(name="no/good"), "spec": {}}}
    found = posted(reader, "/validate-entity", bad, 400)
    assert any("no/good" in one["message"] for one in found["errors"])


def test_search_is_fresh_ranked_and_paged(reader: Client) -> None:
    found = reader.get("/api/search/query?term=chat").json()
    assert found["results"][0]["document"]["title"] == "Chat window"
    assert found["numberOfResults"] == 1 and "nextPageCursor" not in found
    first = reader.get("/api/search/query?term=&pageLimit=1").json()
    second = reader.get(
        f"/api/search/query?pageLimit=1&pageCursor={quote(first['nextPageCursor'])}"
    ).json()
    assert first["results"][0]["document"] != second["results"][0]["document"]
    kinds = reader.get("/api/search/query?term=&filters[kind]=API").json()
    assert {one["document"]["kind"] for one in kinds["results"]} == {"API"}
    told = reader.get(f"/api/search/query?term={SECRET}").json()
    assert SECRET not in json.dumps(told)


def test_what_is_no_address_of_backstage_is_an_empty_404(reader: Client) -> None:
    response = reader.get(f"{API}/nothing")
    assert response.status_code == 404 and response.content == b""


def test_pages_cost_the_same_whatever_their_length(
    reader: Client, django_assert_max_num_queries: Any
) -> None:
    declare(*(document(name=f"n{n}") for n in range(40)))
    got(reader, "/entities/by-query?limit=40")
    with django_assert_max_num_queries(6):
        got(reader, "/entities/by-query?limit=40")
