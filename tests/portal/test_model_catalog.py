"""The model catalog at the doors: API, paste, sources, command, and who sees it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING
from catalog.sources import adding, processing
from catalog.sources.model_catalog import exporting
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.loopback import serving
from tests.catalog.model_catalogs import PLAIN

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ADDRESS = "/api/v1/model-catalog"
REFS = {
    "component:default/granite-server",
    "api:default/granite-server",
    "resource:default/ibm-granite-20b",
    "resource:default/bge-m3",
}
SINGLE = """\
apiVersion: backstage.io/v1alpha1
kind: {kind}
metadata:
  name: granite
  tags: [gpu]
spec:
  type: ai-model-server
  lifecycle: production
  owner: group:default/platform
  system: chat
  apiEntityRef: api:default/granite-api
  serverType: vllm
  serverUrl: http://node-01.lan:8000/v1
  requiresApiKey: true
  models:
    available: [ibm/granite:20b, bge-m3]
    default: bge-m3
"""


def client_of(account: Account, scope: str = ApiToken.READ) -> Client:
    _, text = tokens.make(account, f"test {scope}", scope, 0)
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def writer() -> Client:
    return client_of(people.bob(), ApiToken.WRITE)


def sent(client: Client, body: Any, status: int = 200, ask: str = "") -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    response = client.post(f"{ADDRESS}{ask}", text, content_type="application/json")
    assert response.status_code == status, response.content
    if status >= 400:
        assert response["Content-Type"] == "application/problem+json"
    return response.json()


def here() -> set[str]:
    found = Entity.objects.exclude(kind__in=("User", "Group"))
    return set(found.values_list("ref", flat=True))


def test_taking_asking_and_taking_the_same_again(writer: Client):
    tried = sent(writer, PLAIN, ask="?dry_run=true")
    assert (tried["dry_run"], tried["added"], here()) == (True, 4, set())
    assert set(sent(writer, PLAIN)["refs"]) == REFS == here()
    again = sent(writer, PLAIN)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 4)
    answer = writer.get(ADDRESS, {"q": "type:model-server"}).json()
    server = "component:default/granite-server"
    assert answer["documents"] == [{"server": server, "catalog": PLAIN}]
    assert answer["left_out"] == []
    bare = writer.get(ADDRESS, {"q": "type:model-server", "bare": "true"})
    assert bare.json() == PLAIN


def test_every_violation_is_told_with_its_pointer_and_nothing_is_taken(writer: Client):
    catalog = copy.deepcopy(PLAIN)
    catalog["models"][0]["owner"] = 7
    del catalog["models"][1]["name"]
    catalog["modelServer"]["API"]["type"] = "rest"
    problem = sent(writer, catalog, 422)
    assert {one["pointer"] for one in problem["errors"]} == {
        "/models/0/owner",
        "/models/1/name",
        "/modelServer/API/type",
    }
    assert all(one["message"] for one in problem["errors"])
    assert here() == set()


@pytest.mark.parametrize("body", ["", "kind: Component", "{", '{"a": 1}', "[]"])
def test_what_is_no_model_catalog_is_refused(writer: Client, body: str):
    assert sent(writer, body, 400)["detail"]


def test_a_name_that_another_source_keeps_refuses_the_whole(
    writer: Client, tmp_path: Path
):
    text = json.dumps(document("Resource", "bge-m3"))
    (tmp_path / "a.yaml").write_text(text)
    processing.refresh(adding.add_source(str(tmp_path)))
    problem = sent(writer, PLAIN, 409)
    assert [one["pointer"] for one in problem["errors"]] == ["/models/1/name"]
    assert here() == {"resource:default/bge-m3"}


def test_only_editors_send(db: None):
    bob = people.bob()
    client = client_of(bob, ApiToken.WRITE)
    bob.role = Role.VIEWER
    bob.save()
    assert "Editor" in sent(client, PLAIN, 403)["detail"]
    assert here() == set()


def test_what_is_hidden_is_in_no_export(writer: Client):
    secret = copy.deepcopy(PLAIN)
    hidden = {"greenroom/visibility": "group:default/nobody"}
    secret["models"][0]["annotations"] = hidden
    secret["modelServer"]["API"]["annotations"] = hidden
    people.declare(json.dumps(secret))
    declare(
        document(
            "Component", "ghost", spec={"type": "model-server"}, annotations=hidden
        ),
        document("Resource", "spook", annotations=seen_by("group:default/nobody")),
    )
    reader = client_of(people.charlie())
    for ask in ({}, {"q": "type:model-server"}, {"bare": "true"}):
        text = reader.get(ADDRESS, ask).content.decode()
        assert "bge-m3" in text
        for word in ("granite:20b", "granite-20b", "ghost", "spook", "openapi.json"):
            assert word not in text
    found = exporting.export("type:model-server", EVERYTHING)
    assert ("component:default/granite-server", secret) in found.documents


def test_several_servers_are_several_documents(writer: Client):
    sent(writer, PLAIN)
    other = copy.deepcopy(PLAIN)
    other["modelServer"]["name"] = "second"
    other["models"] = [{**PLAIN["models"][0], "name": "other"}]
    sent(writer, other)
    declare(document("Model", "qwen"), document("System", "chat"))
    answer = writer.get(ADDRESS).json()
    documents = {one["server"]: one["catalog"] for one in answer["documents"]}
    assert documents["component:default/granite-server"] == PLAIN
    assert documents["component:default/second"] == other
    (model,) = documents[""]["models"]
    assert (model["name"], model["owner"]) == ("qwen", "group:default/lab")
    reasons = {one["ref"]: one["reason"] for one in answer["left_out"]}
    assert reasons["system:default/chat"] == "The format has no place for a System."
    assert not REFS & set(reasons)
    problem = writer.get(ADDRESS, {"bare": "true"})
    assert problem.status_code == 409
    assert writer.get(ADDRESS, {"q": "kind:"}).status_code == 400


def test_what_the_format_cannot_say_is_listed_with_the_reason(db: None):
    declare(
        document(
            "Component",
            "llm",
            spec={
                "type": "model-server",
                "providesApis": ["chat", "tools"],
                "serves": ["qwen"],
                "probes": [{"type": "vllm", "url": "http://node-01.lan:8000"}],
            },
        ),
        document("Model", "qwen", spec={"lifecycle": "production"}),
        document("API", "chat", spec={"definition": "https://a.example/openapi.json"}),
        document("API", "tools"),
    )
    export = exporting.export("type:model-server", EVERYTHING)
    ((_, catalog),) = export.documents
    assert catalog["modelServer"]["API"] == {
        "type": "openapi",
        "spec": "https://a.example/openapi.json",
        "url": "http://node-01.lan:8000",
    }
    assert [one["name"] for one in catalog["models"]] == ["qwen"]
    assert [one.ref for one in export.left_out] == ["api:default/tools"]
    assert "written out" in export.left_out[0].reason


@pytest.mark.parametrize("kind", ["AiModelServerAPI", "API"])
def test_the_single_entity_becomes_a_server_and_its_models(kind: str):
    people.declare(SINGLE.format(kind=kind))
    server = Entity.objects.get(ref="component:default/granite")
    assert server.spec["system"] == "system:default/chat"
    assert server.spec["providesApis"] == ["api:default/granite-api"]
    assert server.metadata["tags"] == ["gpu", "auth-required"]
    assert server.metadata["annotations"]["rhdh.io/default"] == "bge-m3"
    models = Entity.objects.filter(type="ai-model")
    assert {one.label for one in models} == {"ibm/granite:20b", "bge-m3"}
    assert {one.owner for one in models} == {"group:default/platform"}
    assert here() == {server.ref, *(one.ref for one in models)}


def test_a_file_is_a_source_and_a_broken_one_keeps_the_last_good_state(tmp_path: Path):
    file = tmp_path / "models.json"
    file.write_text(json.dumps(PLAIN, indent=2))
    source = adding.add_source(str(file))
    assert processing.refresh(source).added == 4
    model = Entity.objects.get(ref="resource:default/bge-m3")
    assert file.read_text().splitlines()[model.line - 1].strip() == "{"
    broken = copy.deepcopy(PLAIN)
    del broken["models"][0]["owner"]
    broken["models"].pop()
    file.write_text(json.dumps(broken))
    outcome = processing.refresh(source)
    assert [one.message for one in outcome.problems] == ["/models/0/owner is missing."]
    assert here() == REFS
    assert not Entity.objects.exclude(orphan_since=None).exists()
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SourceError, match="JSON"):
        adding.add_source(str(tmp_path / "notes.txt"))


def test_in_a_folder_it_is_read_where_the_pattern_names_it(tmp_path: Path):
    (tmp_path / "models.json").write_text(json.dumps(PLAIN))
    (tmp_path / "other.json").write_text('{"models": {"a": 1}, "b": 2, "c": 3}')
    plain = adding.add_source(str(tmp_path))
    assert processing.refresh(plain).added == 0
    Source.objects.all().delete()
    source = adding.add_source(str(tmp_path), pattern="*.json")
    outcome = processing.refresh(source)
    assert (outcome.added, outcome.refused) == (4, 0)


def test_a_url_is_a_source():
    with serving(get={"/models": (200, PLAIN)}) as server:
        source = adding.add_source(f"{server.url}/models")
        assert processing.refresh(source).added == 4


def test_pasted_json_is_previewed_as_its_entities_and_taken(client: Client):
    client.force_login(people.bob())
    text = json.dumps(PLAIN, indent=2)
    page = client.post("/settings/sources/paste/", {"text": text}).content.decode()
    for title in ("granite-server", "ibm/granite:20b", "bge-m3"):
        assert f"<b>{title}</b>" in page
    assert here() == set()
    client.post("/settings/sources/paste/", {"text": text, "take": "1"})
    assert here() == REFS
    page = client.get("/catalog/default/resource/ibm-granite-20b/").content.decode()
    assert "Read what it writes." in page
    assert "On code." in page


def test_broken_json_stays_in_the_field_with_every_complaint(client: Client):
    client.force_login(people.bob())
    broken = copy.deepcopy(PLAIN)
    broken["models"][0]["owner"] = 7
    del broken["modelServer"]["name"]
    sent_text = json.dumps(broken)
    page = client.post("/settings/sources/paste/", {"text": sent_text, "take": "1"})
    said = page.content.decode()
    assert "/models/0/owner is 7" in said
    assert "/modelServer/name is missing" in said
    assert here() == set()


def test_a_secret_in_it_does_not_come_in(writer: Client):
    # In pieces, so that no scanner of this repository takes it for real.
    secret = "gh" + "p_" + "0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R"
    catalog = copy.deepcopy(PLAIN)
    catalog["models"][0]["usage"] = f"Use {secret}"
    catalog["models"][1]["usage"] = "X"
    escaped = "\\u0067" + secret[1:]
    text = json.dumps(catalog).replace('"X"', f'"Use {escaped}"')
    answer = sent(writer, text)
    assert secret not in json.dumps(answer)
    assert [one for one in answer["problems"] if one["code"] == "secret"]
    for one in Entity.objects.filter(kind="Resource"):
        assert secret not in one.text + one.document + one.final
        assert "Use " in one.spec["usage"]


def test_the_command_writes_one_file_for_each_server(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    people.declare(json.dumps(PLAIN))
    declare(document("System", "chat"))
    folder = tmp_path / "out"
    args = ("export", "-o", str(folder), "--format", "model-catalog")
    call_command(*args)
    file = folder / "default/model-catalog/granite-server.json"
    assert json.loads(file.read_text()) == PLAIN
    told = capsys.readouterr()
    assert "system:default/chat: left out." in told.err
    assert "1 model catalogs written" in told.out
    call_command(*args, "-q", "type:ai-model")
    assert not file.exists()
    models = json.loads((folder / "models.json").read_text())["models"]
    assert {one["name"] for one in models} == {"ibm/granite:20b", "bge-m3"}
