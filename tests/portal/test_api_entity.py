"""The API about one entity: walks, its past and bringing it back, samples, looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.http import urlencode

from catalog.entities.models import Entity
from catalog.probes import clock
from catalog.probes.models import Look
from portal.accounts.models import ApiToken, Role
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.probed import component, found
from tests.portal.test_api import YAML, applied, client_of, got, reader, writer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
__all__ = ["reader", "writer"]
WEB = "/entities/component/default/web"
API = "/api/v1"


def chain() -> None:
    declare(
        document(name="web", spec={"dependsOn": ["component:rag"]}),
        document(name="rag", spec={"dependsOn": ["component:gone", "component:db"]}),
        document(name="db"),
        document("API", "rag-api"),
    )


def test_a_walk_goes_through_others_and_says_how_far(reader):
    chain()
    answer = got(reader, f"{WEB}/walk?direction=needs")
    far = {one["ref"].split("/")[1]: one["distance"] for one in answer["nodes"]}
    assert far == {"rag": 1, "db": 2, "gone": 2} and not answer["truncated"]
    unknown = [one["ref"] for one in answer["nodes"] if not one["known"]]
    assert unknown == ["component:default/gone"]
    first = {
        "source": "component:default/web",
        "type": "dependsOn",
        "target": "component:default/rag",
    }
    assert first in answer["edges"] and len(answer["edges"]) == 3
    back = got(reader, "/entities/component/default/db/walk")
    assert [one["distance"] for one in back["nodes"]] == [1, 2]
    assert {one["type"] for one in back["edges"]} == {"dependencyOf"}


def test_a_walk_is_bounded_and_says_so(reader):
    chain()
    near = got(reader, f"{WEB}/walk?direction=needs&depth=1")
    assert (len(near["nodes"]), near["truncated"]) == (1, True)
    assert not got(reader, f"{WEB}/walk?direction=needs&depth=2")["truncated"]
    few = got(reader, f"{WEB}/walk?direction=needs&limit=2")
    assert (len(few["nodes"]), len(few["edges"]), few["truncated"]) == (2, 2, True)
    assert got(reader, f"{WEB}/walk?direction=needs&type=consumesApi")["nodes"] == []
    wrong = got(reader, f"{WEB}/walk?type=likes", 422)
    assert wrong["errors"][0]["at"] == "query.type.0"
    assert "dependsOn" in wrong["detail"]
    got(reader, f"{WEB}/walk?direction=up", 422)


def test_a_walk_does_not_go_through_what_is_hidden(reader):
    declare(
        document(name="web"),
        document(
            name="vault",
            annotations=seen_by("user:eve"),
            spec={"dependsOn": ["component:web"]},
        ),
        document(name="after", spec={"dependsOn": ["component:vault"]}),
    )
    answer = got(reader, f"{WEB}/walk")
    assert answer["nodes"] == [] and answer["edges"] == []
    assert got(reader, "/entities/component/default/vault/walk", 404)


def revisions_of(client: Client) -> list[int]:
    return [row["id"] for row in got(client, f"{WEB}/revisions")]


def test_a_former_text_is_read_and_restored(writer):
    applied(writer, YAML.format("One."))
    applied(writer, YAML.format("Two."))
    newest, first = revisions_of(writer)
    assert "One." in got(writer, f"{WEB}/revisions/{first}")["text"]
    got(writer, f"{WEB}/revisions/{newest + 9}", 404)
    path = f"{API}{WEB}/revisions/{first}/restore"
    refused = writer.post(path, headers={"If-Match": '"else"'})
    assert refused.status_code == 412 and refused.json()["remedy"]
    done = writer.post(path)
    assert done.status_code == 200 and done.json()["changed"] == 1
    assert writer.post(path).json()["unchanged"] == 1
    assert "One." in Entity.objects.get(ref="component:default/web").text
    (row, *_) = got(writer, f"{WEB}/revisions")
    assert row["door"] == "editor" and row["reason"].startswith("Restore of ")
    other = writer.post(f"{API}{WEB}/revisions/{newest + 99}/restore")
    assert other.status_code == 404


def test_only_editors_restore_and_only_what_was_made_here(writer, tmp_path):
    applied(writer, YAML.format("One."))
    (first,) = revisions_of(writer)
    path = f"{API}{WEB}/revisions/{first}/restore"
    assert client_of(people.charlie()).post(path).status_code == 403
    assert (
        people.signed_in(people.person("dora", "D", Role.VIEWER)).post(path).status_code
        == 403
    )
    Entity.objects.get(ref="component:default/web").source.entities.update(
        orphan_since=datetime.now(UTC)
    )
    problem = writer.post(path)
    assert problem.status_code == 409 and problem.json()["remedy"]


def test_what_is_refused_today_is_not_restored(writer):
    applied(writer, YAML.format("One."))
    applied(writer, YAML.format("Two."))
    _, first = revisions_of(writer)
    row = Entity.objects.get(ref="component:default/web").source
    row.kinds = "Model"
    row.save()
    problem = writer.post(f"{API}{WEB}/revisions/{first}/restore")
    assert problem.status_code == 409 and problem.json()["errors"][0]["message"]
    assert "Two." in Entity.objects.get(ref="component:default/web").text


def test_what_was_hidden_then_stays_hidden(reader, writer):
    declare(document(name="web", description="old", annotations=seen_by("user:eve")))
    declare(document(name="web", description="new"))
    (now,) = revisions_of(reader)
    got(reader, f"{WEB}/revisions/{now - 1}", 404)
    restored = writer.post(f"{API}{WEB}/revisions/{now - 1}/restore")
    assert restored.status_code == 404


def test_samples_are_raw_or_summed_with_gaps_as_null(reader):
    component("web")
    now = clock.now()
    found("ok", "alive", "web", latency=12.5, at=now - 1000)
    found("bad", "alive", "web", error="refused", at=now - 500)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    asked = urlencode({"since": since})
    answer = got(reader, f"{WEB}/probes/samples?{asked}")
    assert (answer["step"], answer["step_seconds"]) == ("raw", None)
    alive = next(one for one in answer["series"] if one["level"] == "alive")
    told = [(one["verdict"], one["latency_ms"]) for one in alive["samples"]]
    assert told == [("ok", 12.5), ("bad", None)]
    answer = got(reader, f"{WEB}/probes/samples?{asked}&step=5min")
    alive = next(one for one in answer["series"] if one["level"] == "alive")
    assert answer["step_seconds"] == 300 and len(alive["parts"]) in (12, 13)
    gap = alive["parts"][0]
    assert gap["latency_p50_ms"] is None and gap["looks"] is None
    assert sum(one["looks"] or 0 for one in alive["parts"]) == 2
    (probe,) = got(reader, f"{WEB}/probes")
    assert probe["id"] == alive["probe"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "not before"),
        ("since=2026-01-01T00:00:00Z&until=2026-01-02T00:00:00Z&step=raw", "6 hours"),
        ("since=1926-01-01T00:00:00Z", "100 days"),
        ("until=0001-01-01T00:00:00Z", "too long ago"),
    ],
)
def test_a_range_that_cannot_be_given_is_told(reader, asked, said):
    component("web")
    assert said in got(reader, f"{WEB}/probes/samples?{asked}", 400)["detail"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("since=2026-01-01T00:00:00", "timezone"),
        ("until=0.5", "2026-11-25T00:00:00Z"),
        ("until=1764115200", "2026-11-25T00:00:00Z"),
        ("until=yesterday", "2026-11-25T00:00:00Z"),
        ("step=1s", "step"),
    ],
)
def test_a_time_that_is_none_is_told(reader, asked, said):
    component("web")
    assert said in got(reader, f"{WEB}/probes/samples?{asked}", 422)["detail"]


def test_an_editor_asks_for_a_look_and_follows_it(writer, reader):
    component("web")
    path = f"{API}{WEB}/probes/run"
    assert reader.post(path).status_code == 403
    response = writer.post(path)
    assert response.status_code == 202
    (asked,) = response.json()
    assert Look.objects.get().asked_by == "Bob Baker"
    row = got(writer, f"{WEB}/probes/looks/{asked['id']}")
    assert row["began_at"] is None and row["log"] == ""
    got(reader, f"{WEB}/probes/looks/{asked['id']}", 403)
    got(writer, f"{WEB}/probes/looks/{asked['id'] + 1}", 404)
    assert writer.post(f"{path}?probe={asked['probe'] + 1}").status_code == 409
    declare(document(name="bare"))
    bare = writer.post(path.replace("web", "bare"))
    assert bare.status_code == 409 and "declare one" in bare.json()["remedy"]


@pytest.mark.parametrize("what", ["walk", "revisions/1", "probes/samples"])
def test_a_hidden_entity_is_as_a_missing_one(reader, what):
    component("vault", **{})
    hidden = {**seen_by("user:eve"), "greenroom/probe": "vllm http://127.0.0.1:1"}
    declare(document(name="vault", annotations=hidden))
    one = got(reader, f"/entities/component/default/vault/{what}", 404)
    two = got(reader, f"/entities/component/default/nothing/{what}", 404)
    assert one["detail"].replace("vault", "nothing") == two["detail"]


@pytest.mark.parametrize("what", ["revisions/1/restore", "probes/run"])
def test_nobody_acts_on_a_hidden_entity(what):
    editor = client_of(people.bob(), ApiToken.WRITE)
    declare(document(name="vault", annotations=seen_by("user:eve")))
    path = f"{API}/entities/component/default/vault/{what}"
    assert editor.post(path).status_code == 404
    assert not Look.objects.exists()
