"""The page of differences: for whom, what it says, what one may do; the history."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.entities.models import Finding
from catalog.probes import drift
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.probed import component, found, is_up

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor() -> Client:
    return people.signed_in(people.bob())


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


def text(client: Client, address: str = "/drift/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def drifted(name: str = "llm", **more: object) -> None:
    component(name, f"vllm http://127.0.0.1:{len(name)}", serves=["qwen"], **more)
    is_up(name)
    found("ok", "serving", name, models=["other"])
    drift.refresh_all()


def test_empty_says_how_much_was_looked_at(viewer):
    assert "Nothing is probed yet" in text(viewer)
    component(type="service")
    assert "Everything is as declared" in text(viewer)
    assert "1 of 1 entities are probed" in text(viewer)


def test_a_difference_is_told_with_evidence_and_what_to_do(viewer):
    drifted(owner="group:speech")
    page = text(viewer)
    for said in (
        "Another model is served",
        "qwen",
        "other",
        "lists other",
        "Copy YAML",
    ):
        assert said in page, said
    assert "Ignore" not in page


def test_an_editor_ignores_it_for_a_while(editor):
    drifted()
    key = Finding.objects.get(source=None).pk
    assert f"/attention/{key}/ignore/" in text(editor)
    editor.post(
        f"/attention/{key}/ignore/", {"until": "2027-01-10", "reason": "moving"}
    )
    page = text(editor)
    assert "Ignored" in page and "moving" in page and "Copy YAML" not in page


def test_it_is_filtered_by_kind_and_owner(viewer):
    drifted(owner="group:speech")
    component("plain", probe="", type="model-server", owner="group:other")
    drift.refresh_all()
    assert "plain" in text(viewer) and "llm" in text(viewer)
    only = text(viewer, "/drift/?code=not-probed")
    assert "component/plain/" in only and "component/llm/" not in only
    nothing = text(viewer, "/drift/?code=other-server&owner=x")
    assert "No difference of this kind" in nothing


def test_what_is_hidden_is_in_no_part_of_it(viewer):
    hidden = seen_by("user:default/nobody")
    probe = {"greenroom/probe": "vllm http://127.0.0.1:9"}
    spec = {"serves": ["qwen"], "type": "model-server"}
    declare(document(name="secret", annotations={**hidden, **probe}, spec=spec))
    component("old", probe="", lifecycle="deprecated")
    needs = {"dependsOn": ["component:old"]}
    declare(document(name="secret2", annotations=hidden, spec=needs))
    found("ok", "alive", "secret")
    found("ok", "serving", "secret", models=["other"])
    drift.refresh_all()
    assert Finding.objects.filter(subject="component:default/secret").exists()
    page = text(viewer)
    assert "secret" not in page and "component/old/" not in page
    assert "Another model" not in text(viewer, "/catalog/")


def test_what_was_seen_to_change_stands_in_the_history(viewer):
    component()
    is_up()
    found("ok", "serving", models=["a"], version="0.31")
    found("ok", "serving", models=["a"], version="0.32")
    page = text(viewer, "/catalog/default/component/llm/history/")
    assert "0.31" in page and "0.32" in page and "version" in page


def test_queries_do_not_grow_with_differences(viewer, django_assert_max_num_queries):
    for number in range(12):
        drifted(f"server-{number}")
    with django_assert_max_num_queries(40):
        text(viewer)
