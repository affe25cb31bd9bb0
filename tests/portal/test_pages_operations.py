"""Operations of an entity: what its page shows, who may do what, looks, pings."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from catalog.probes import clock, looks, pings, words
from catalog.probes.models import Look, Maintenance, Status
from catalog.probes.prober import PROBERS
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.probed import check, component, found, is_down, is_up, probe

pytestmark = pytest.mark.django_db
PAGE = "/catalog/default/component/llm/operations/"


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


def text(client: Client, address: str = PAGE, **options) -> str:
    response = client.get(address, **options)
    assert response.status_code == 200, response.status_code
    return " ".join(response.content.decode().split())


def test_what_was_found_is_shown_with_its_evidence(viewer):
    component()
    is_up()
    found("ok", "serving", models=["Qwen/Qwen2.5"], version="0.32.0", latency=840.0)
    found("ok", "metrics", load={"running": 3.0, "waiting": 0.0, "kv": 0.42})
    is_down()
    page = text(viewer)
    for said in ("Down", "Connection refused", "Qwen/Qwen2.5", "0.32.0", "42%", "840"):
        assert said in page, said
    assert "declared in metadata.annotations.greenroom/probe" in page


def test_nothing_is_shown_that_is_not_known(viewer):
    component()
    page = text(viewer)
    assert "Not asked yet" in page and "No data" in page and "Healthy" not in page


def test_an_entity_without_a_probe_says_how_to_declare_one(viewer):
    component(probe="")
    page = text(viewer)
    assert "Nothing asks how it is" in page and "greenroom/probe" in page


def test_a_declaration_that_cannot_be_used_says_why(viewer):
    component(probe="vlm http://127.0.0.1:1")
    assert "Did you mean vllm?" in text(viewer)


def test_the_part_that_moves_comes_alone(viewer):
    component()
    is_up()
    part = text(viewer, headers={"HX-Request": "true", "HX-Target": "operations"})
    assert part.startswith("<div") or '<div class="stack" id="operations"' in part
    assert "<html" not in part
    strip = text(viewer, "/catalog/default/component/llm/health/")
    assert "Healthy" in strip and "<html" not in strip


def test_queries_do_not_grow_with_looks(viewer, django_assert_max_num_queries):
    component()
    is_up()
    for number in range(50):
        found("ok", "alive", latency=5.0, at=clock.now() - number * 30_000)
    with django_assert_max_num_queries(35):
        text(viewer)


def test_only_editors_may_do_something(viewer):
    component()
    is_up()
    page = text(viewer)
    assert "Probe now" not in page and "Begin maintenance" not in page
    for path in ("probe/", "pause/", "maintenance/"):
        assert viewer.post(PAGE + path, {"probe": probe().pk}).status_code == 403
    assert not Look.objects.exists() and probe().paused_at is None


def test_a_hidden_entity_is_hidden_here_too(viewer, editor):
    declare(
        document(
            name="llm",
            annotations={
                **seen_by("user:default/nobody"),
                "greenroom/probe": "tcp tcp://127.0.0.1:1",
            },
        )
    )
    component("other", "tcp tcp://127.0.0.1:1")
    key = probe("other").pk
    for client in (viewer, editor):
        for path in ("", "looks/1/"):
            assert client.get(PAGE + path).status_code in (403, 404)
        assert client.get("/catalog/default/component/llm/health/").status_code == 404
    assert editor.post(f"{PAGE}probe/", {"probe": key}).status_code == 404
    # Nor is a probe of another entity reached through one that is seen.
    component("mine", "")
    mine = "/catalog/default/component/mine/operations/probe/"
    assert editor.post(mine, {"probe": key}).status_code == 404
    assert editor.post(mine, {"probe": "1; drop"}).status_code == 404


def test_pause_and_go_on(editor):
    component()
    is_up()
    editor.post(f"{PAGE}pause/", {"probe": probe().pk, "reason": "new card"})
    assert Status.objects.get().state == "unknown" and "Paused by Bob" in text(editor)
    editor.post(f"{PAGE}pause/", {"probe": probe().pk, "resume": "1"})
    assert probe().paused_at is None


def test_maintenance_begins_and_ends(editor):
    component()
    is_up()
    begun = {"hours": "4", "reason": "new disk"}
    assert editor.post(f"{PAGE}maintenance/", begun).status_code == 302
    assert "new disk" in text(editor) and Status.objects.get().state == "maintenance"
    editor.post(f"{PAGE}maintenance/", {"end": "1"})
    assert Status.objects.get().state == "up"
    refused = editor.post(f"{PAGE}maintenance/", {"hours": "9999", "reason": ""})
    assert refused.status_code == 200 and Maintenance.objects.count() == 1


def test_a_look_is_asked_for_and_watched(editor):
    component()
    response = editor.post(f"{PAGE}probe/", {"probe": probe().pk})
    look = Look.objects.get()
    assert response.headers["Location"] == f"{PAGE}looks/{look.pk}/"
    assert "The worker is asked" in text(editor, response.headers["Location"])
    assert looks.take([""])[0][0] == look.pk and looks.take([""]) == []
    Look.objects.update(log="→ GET http://127.0.0.1:1/health <b>")
    page = text(editor, response.headers["Location"])
    assert "/health &lt;b&gt;" in page and "Looking" in page


def test_the_index_shows_filters_and_sorts_by_state(viewer):
    component()
    is_up()
    component("broken", "tcp tcp://127.0.0.1:1")
    is_down("broken")
    component("plain", "")
    page = text(viewer, "/catalog/")
    assert "Status, 24 h" in page and "not probed" in page
    down = text(viewer, "/catalog/?status=down")
    assert "component/broken/" in down and "component/llm/" not in down
    order = text(viewer, "/catalog/?kind=Component&sort=status")
    places = [order.index(f"component/{n}/") for n in ("broken", "llm", "plain")]
    assert places == sorted(places)
    is_up("broken")
    is_up("broken")
    assert "component/broken/" in text(viewer, "/catalog/?status=up")


def test_a_state_of_something_hidden_is_in_no_count(viewer):
    component()
    is_up()
    hidden = {
        **seen_by("user:default/nobody"),
        "greenroom/probe": "tcp tcp://127.0.0.1:1",
    }
    declare(document(name="secret", annotations=hidden))
    component("third", "")
    is_down("secret")
    assert "Down" not in text(viewer, "/catalog/")


HEARTBEAT = {"type": "heartbeat", "period": 60}


def test_a_ping_says_that_the_job_ran(client):
    if "heartbeat" not in PROBERS:
        pytest.skip("there is no heartbeat prober yet")
    component(probe="", probes=[HEARTBEAT])
    one = probe()
    door = f"/ping/{one.uid}/{pings.token_of(one)}/"
    assert client.post(door).content == b"OK\n"
    assert Status.objects.get().state == "up"
    client.post(f"{door}fail/", b"disk full", content_type="text/plain")
    assert Status.objects.get().state == "down" and "disk full" in probe().detail
    assert client.get(door).status_code == 200 and Status.objects.get().state == "up"


def test_a_wrong_ping_tells_nothing(client):
    component()
    one = probe()
    for door in (
        f"/ping/{one.uid}/{pings.token_of(one)}/",
        f"/ping/{one.uid}/nonsense/",
        "/ping/00000000-0000-0000-0000-000000000000/nonsense/",
    ):
        response = client.get(door)
        assert (response.status_code, response.content) == (404, b"not found\n")


def test_a_model_that_was_replaced_on_purpose_is_accepted(editor, viewer):
    component()
    is_up()
    found("ok", "serving", memory={"model": "m", "vector": [1.0, 0.0]})
    accept = f"{PAGE}vector/"
    said = editor.post(accept, {"probe": probe().pk}, follow=True).content.decode()
    assert "the vector that is known" in said
    for _ in range(3):
        found("degraded", "serving", error=words.CHANGED, detail="0.6 alike.")
    assert "Accept the new vector" in text(editor)
    assert "Accept the new vector" not in text(viewer)
    assert viewer.post(accept, {"probe": probe().pk}).status_code == 403
    said = editor.post(accept, {"probe": probe().pk}, follow=True).content.decode()
    assert "The next vector is what later ones are compared to." in said
    assert "vector" not in json.loads(check(level="serving").memory)
    history = text(editor, "/catalog/default/component/llm/history/")
    assert "Its new vector was accepted" in history
    assert "0.6 alike. Accepted by" in history
