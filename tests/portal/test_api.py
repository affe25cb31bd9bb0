"""The API: who gets in, queries, pages, entities, applying, errors, its description."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.sources import processing
from catalog.sources.models import Source
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken
from portal.accounts.refusal import Refusal
from portal.api import house
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.probed import component, is_down

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
API = "/api/v1"


def client_of(account: Account, scope: str = ApiToken.READ) -> Client:
    _, text = tokens.make(account, f"test {scope}", scope, 0)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def reader() -> Client:
    return client_of(people.charlie())


@pytest.fixture
def writer() -> Client:
    return client_of(people.bob(), ApiToken.WRITE)


def got(client: Client, path: str, status: int = 200, **headers: str) -> Any:
    response = client.get(f"{API}{path}", headers=headers)
    assert response.status_code == status, response.content
    if status >= 400:
        assert response["Content-Type"] == "application/problem+json"
    return response.json()


def applied(client: Client, text: str, status: int = 200, **more: Any) -> Any:
    response = client.post(
        f"{API}/apply{more.pop('ask', '')}",
        text,
        content_type="application/yaml",
        headers=more,
    )
    assert response.status_code == status, response.content
    return response.json()


YAML = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: web
  description: {}
spec:
  type: service
  lifecycle: production
  owner: user:ada
"""


def test_nobody_gets_in_without_a_token():
    problem = got(Client(), "/entities", 401)
    assert "Bearer grm_" in problem["remedy"]
    wrong = Client(headers={"Authorization": "Bearer grm_nonsense"})
    assert wrong.get(f"{API}/entities").status_code == 401
    for strict in (Client(enforce_csrf_checks=True), wrong):
        assert strict.post(f"{API}/apply", "x", "text/plain").status_code == 401


def test_a_token_ends_is_revoked_and_goes_with_its_account(reader):
    got(reader, "/entities")
    row = ApiToken.objects.get()
    assert row.used_at is not None
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    got(reader, "/entities", 401)
    ApiToken.objects.update(expires_at=None)
    Account.objects.update(is_active=False)
    got(reader, "/entities", 401)
    Account.objects.update(is_active=True)
    tokens.revoke(row, row.account)
    got(reader, "/entities", 401)


def test_only_a_hash_of_a_token_is_kept():
    row, text = tokens.make(people.charlie(), "ci", ApiToken.READ, 30)
    assert text not in str(vars(row)) and row.token_hash != text
    assert text.startswith("grm_") and text.startswith(row.beginning)


def test_who_asks_too_much_waits(reader, monkeypatch):
    monkeypatch.setattr(house.api.throttle, "most", 2)
    monkeypatch.setattr(house.api.throttle, "_counts", {})
    other = client_of(people.bob())
    for left in ("1", "0"):
        response = reader.get(f"{API}/entities")
        assert response.status_code == 200
        assert response["RateLimit-Limit"] == "2"
        assert response["RateLimit-Remaining"] == left
        assert 1 <= int(response["RateLimit-Reset"]) <= 60
    response = reader.get(f"{API}/entities")
    assert response["RateLimit-Remaining"] == "0"
    assert response.status_code == 429 and 1 <= int(response["Retry-After"]) <= 60
    assert "Wait" in response.json()["remedy"]
    got(other, "/entities")


def test_the_browser_may_ask_too():
    declare(document("Model", "bge"))
    assert (
        got(people.signed_in(people.charlie()), "/entities?q=kind:model")["total"] == 1
    )


def test_a_session_changes_nothing_without_its_csrf_token():
    people.bob()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(Account.objects.get())
    response = strict.post(f"{API}/apply", YAML, content_type="application/yaml")
    assert response.status_code == 403 and "X-CSRFToken" in response.json()["remedy"]


def test_entities_come_by_query_with_remarks(reader):
    declare(document("Model", "bge", title="BGE"))
    component("web")
    is_down("web")
    found = got(reader, "/entities?q=kind:component")
    assert [one["ref"] for one in found["items"]] == ["component:default/web"]
    assert found["items"][0]["status"] == "down"
    found = got(reader, "/entities?q=-status:down+kind:model,component")
    assert found["total"] == 0 and "1 more may be meant" in found["remarks"][0]["text"]
    assert (
        found["remarks"][0]["instead"][1]["query"] == "status:none kind:model,component"
    )
    (model,) = got(reader, "/entities?q=kind:model")["items"]
    assert (model["title"], model["status"]) == ("BGE", None)


def test_a_wrong_query_is_a_problem_with_its_place(reader):
    problem = got(reader, "/entities?q=knd:model", 400)
    assert problem["type"] == "wrong-query" and "no field" in problem["detail"]
    assert problem["errors"][0]["instead"] == ["kind:model"]
    assert (problem["errors"][0]["start"], problem["errors"][0]["end"]) == (0, 3)


def test_pages_go_on_by_key_while_things_change(reader):
    declare(*(document(name=f"s{n:02}") for n in range(25)))
    first = got(reader, "/entities?q=kind:component&limit=10")
    declare(document(name="s005"))
    second = got(reader, f"/entities?q=kind:component&limit=10&cursor={first['next']}")
    third = got(reader, f"/entities?q=kind:component&limit=10&cursor={second['next']}")
    names = [one["name"] for page in (first, second, third) for one in page["items"]]
    assert names == [f"s{n:02}" for n in range(25)] and third["next"] == ""
    assert got(reader, "/entities?cursor=nonsense", 400)["remedy"]
    assert got(reader, "/entities?limit=0", 422)["errors"][0]["at"].endswith("limit")


def test_the_best_come_first_where_that_is_asked(reader):
    declare(
        document(name="a", description="Asks the gateway."),
        document(name="z-gateway"),
        document(name="gateway"),
        document(name="b", description="Behind the gateway."),
    )
    pages: list[str] = []
    cursor = ""
    while len(pages) < 9:
        told = got(reader, f"/entities?q=gateway&order=best&limit=1&cursor={cursor}")
        pages += [one["name"] for one in told["items"]]
        cursor = told["next"]
        if not cursor:
            break
    assert pages[:2] == ["gateway", "z-gateway"] and sorted(pages[2:]) == ["a", "b"]
    by_title = got(reader, "/entities?q=gateway")["items"]
    assert [one["name"] for one in by_title] == ["a", "b", "gateway", "z-gateway"]
    plain = got(reader, "/entities?q=kind:component&order=best&limit=3")
    assert plain["total"] == 4 and plain["next"]
    assert got(reader, "/entities?q=a&order=worst", 422)["errors"]


def test_the_best_go_on_where_the_last_one_went(reader):
    declare(*(document(name=f"gateway-{n}") for n in range(5)))
    first = got(reader, "/entities?q=gateway&order=best&limit=2")
    Entity.objects.filter(ref=first["items"][-1]["ref"]).delete()
    generation.advance()
    address = f"/entities?q=gateway&order=best&limit=9&cursor={first['next']}"
    assert len(got(reader, address)["items"]) == 3


def test_one_entity_has_an_etag(reader):
    declare(document("Model", "bge", description="Vectors."))
    path = f"{API}/entities/model/default/bge"
    response = reader.get(path)
    assert response.json()["metadata"]["description"] == "Vectors."
    again = reader.get(path, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert "name: bge" in reader.get(f"{path}/yaml").content.decode()
    got(reader, "/entities/model/default/nothing", 404)


def test_relations_revisions_facets_explain_and_completion(reader):
    declare(
        document("Component", "rag", spec={"dependsOn": ["component:gone"]}),
        document("Model", "bge"),
    )
    edges = got(reader, "/entities/component/default/rag/relations")
    gone = {"type": "dependsOn", "target": "component:default/gone", "known": False}
    assert gone in edges
    (change,) = got(reader, "/entities/model/default/bge/revisions")
    assert change["action"] == "added"
    kinds = next(f for f in got(reader, "/facets") if f["key"] == "kind")
    counts = {one["value"]: one["count"] for one in kinds["values"]}
    assert counts == {"Component": 1, "Model": 1, "User": 1}
    why = got(reader, "/explain?q=kind:model&ref=rag")
    assert why["is_in"] is False and why["reasons"][0]["holds"] is False
    assert got(reader, "/complete?q=kind:m")[0]["insert"] == "Model"


def test_what_is_observed(reader):
    component("web")
    is_down("web")
    (probe,) = got(reader, "/entities/component/default/web/probes")
    assert probe["state"] == "down" and probe["checks"][0]["level"] == "alive"
    assert got(reader, "/findings?code=nothing") == []


def test_applying_is_tried_taken_and_the_same_twice_is_nothing(writer):
    tried = applied(writer, YAML.format("One."), ask="?dry_run=true")
    assert (tried["dry_run"], tried["added"]) == (True, 1)
    assert not Entity.objects.filter(kind="Component").exists()
    done = applied(writer, YAML.format("One."), ask="?reason=first")
    assert done["added"] == 1 and done["refs"] == ["component:default/web"]
    assert applied(writer, YAML.format("One."))["unchanged"] == 1
    (row,) = got(writer, "/entities/component/default/web/revisions")
    assert (row["door"], row["reason"], row["author"]) == ("api", "first", "bob")


def test_bad_documents_are_told_and_good_ones_taken(writer):
    done = applied(writer, YAML.format("Good.") + "---\nkind: Component\n")
    assert (done["added"], done["refused"]) == (1, 1)
    error = next(p for p in done["problems"] if p["severity"] == "error")
    assert error["line"] and error["message"]
    assert "is empty" in applied(writer, " ", 400)["detail"]


def test_documents_are_counted_and_not_complaints(writer):
    two = YAML.format("x").replace("web", "'a b'") + "more: 1\n"
    done = applied(writer, f"{two}---\n{YAML.format('y')}---\nkind: Component\n")
    assert len([p for p in done["problems"] if p["severity"] == "error"]) > 3
    assert (done["added"], done["refused"]) == (1, 2)


@pytest.mark.parametrize("path", ["/apply", "/model-catalog"])
def test_a_parameter_of_another_name_is_a_slip(writer, path):
    url = f"{API}{path}?dry-run=true"
    answer = writer.post(url, YAML.format("x"), content_type="application/yaml")
    assert answer.status_code == 422 and not Entity.objects.filter(name="web").exists()
    (error,) = answer.json()["errors"]
    assert error["at"] == "query.dry-run" and "'dry_run'" in error["message"]


def test_a_form_is_not_taken_for_yaml(writer):
    answer = writer.post(f"{API}/apply", {"f": YAML.format("x")})
    assert answer.status_code == 400 and "--data-binary" in answer.json()["remedy"]


def test_nobody_overwrites_what_they_do_not_know(writer):
    applied(writer, YAML.format("One."))
    path = f"{API}/entities/component/default/web"
    etag = writer.get(path)["ETag"]
    applied(writer, YAML.format("Two."))
    problem = applied(writer, YAML.format("Three."), 412, **{"If-Match": etag})
    assert "has changed meanwhile" in problem["detail"]
    assert writer.delete(path, headers={"If-Match": etag}).status_code == 412
    assert writer.delete(path).status_code == 204
    assert writer.get(path).status_code == 404


def test_nobody_overwrites_a_comment_that_they_do_not_know(writer):
    applied(writer, YAML.format("One."))
    path = f"{API}/entities/component/default/web/yaml"
    etag = writer.get(path)["ETag"]
    assert writer.get(path, headers={"If-None-Match": etag}).status_code == 304
    applied(writer, "# Mind the gap.\n" + YAML.format("One."))
    assert writer.get(path, headers={"If-None-Match": etag}).status_code == 200
    applied(writer, YAML.format("Two."), 412, **{"If-Match": etag})
    now = writer.get(path)["ETag"]
    assert applied(writer, YAML.format("Two."), **{"If-Match": now})["changed"] == 1


def test_nobody_brings_back_what_somebody_else_removed(writer):
    applied(writer, YAML.format("One."))
    path = f"{API}/entities/component/default/web"
    etag = writer.get(path)["ETag"]
    writer.delete(path)
    for ask in ("", "?dry_run=true"):
        more: dict[str, Any] = {"ask": ask, "If-Match": etag}
        problem = applied(writer, YAML.format("Two."), 412, **more)
        assert "not any more" in problem["detail"] and problem["remedy"]
    assert writer.get(path).status_code == 404


def test_a_star_stands_for_any_version(writer):
    applied(writer, YAML.format("One."), 412, **{"If-Match": "*"})
    applied(writer, YAML.format("One."))
    done = applied(writer, YAML.format("Two."), 200, **{"If-Match": "*"})
    assert done["changed"] == 1
    path = f"{API}/entities/component/default/web"
    assert writer.delete(path, headers={"If-Match": "*"}).status_code == 204


def test_what_a_source_declares_is_not_deleted_here(writer, folder_entity):
    problem = writer.delete(f"{API}/entities/component/default/{folder_entity}")
    assert problem.status_code == 409 and problem.json()["remedy"]


@pytest.fixture
def folder_entity(tmp_path) -> str:
    (tmp_path / "a.yaml").write_text(YAML.format("x").replace("web", "theirs"))
    source = Source.objects.create(
        name="folder", provider="folder", target=str(tmp_path)
    )
    processing.refresh(source)
    return "theirs"


def test_who_may_not_write_does_not(reader):
    assert "only reads" in applied(reader, YAML.format("x"), 403)["detail"]
    with pytest.raises(Refusal, match="role Editor"):
        tokens.make(Account.objects.get(username="charlie"), "w", ApiToken.WRITE, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/entities",
        "/entities?q=vault",
        "/entities/component/default/vault",
        "/entities/component/default/vault/yaml",
        "/entities/component/default/vault/relations",
        "/entities/component/default/vault/revisions",
        "/entities/component/default/vault/probes",
        "/facets",
        "/findings",
        "/explain?q=kind:component&ref=vault",
        "/complete?q=name:v",
        "/complete?q=tag:",
    ],
)
def test_nothing_hidden_comes_out(reader, path):
    declare(
        document("Component", "open"),
        document(
            "Component",
            "vault",
            tags=["hidden-tag"],
            annotations={**seen_by("user:eve"), "greenroom/probe": "vlm nonsense"},
        ),
    )
    response = reader.get(f"{API}{path}")
    said = response.content.decode()
    assert "hidden-tag" not in said
    # The address of what is not there may be said back.
    told = "vault" in path and response.status_code == 404
    assert told or "vault" not in said


def test_it_describes_itself(reader):
    described = got(reader, "/openapi.json")
    assert described["info"]["title"] == "Greenroom"
    for path, methods in described["paths"].items():
        for method, one in methods.items():
            assert one["summary"] and one["description"], (method, path)
            assert {"401", "429"} <= one["responses"].keys(), (method, path)
            assert one["security"], (method, path)
            wrong = one["responses"]["401"]["content"]
            assert list(wrong) == ["application/problem+json"], (method, path)
    assert json.dumps(described)
