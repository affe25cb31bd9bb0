"""Declared against observed: each difference comes, keeps its age, and goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.probes import clock, consumed, deciding, drift
from catalog.probes.models import Probe, Status, Usage
from catalog.query import columns
from catalog.sources import processing
from tests.catalog.documents import declare, document, seen_by
from tests.catalog.probed import component, found, is_down, is_up, probe

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def codes(name: str = "llm") -> list[str]:
    rows = Finding.objects.filter(subject=f"component:default/{name}", source=None)
    return sorted(rows.values_list("code", flat=True))


def compare() -> None:
    drift.refresh_all()


def serving(*models: str, **more: Any) -> None:
    is_up()
    found("ok", "serving", models=list(models), **more)


def server(**spec: Any) -> Entity:
    return component(**{"type": "model-server", **spec})


def test_as_declared_there_is_nothing():
    declare(document("Model", "qwen", title="Qwen/Qwen2.5-7B"))
    server(serves=["qwen"])
    serving("Qwen/Qwen2.5-7B", kind="vllm")
    compare()
    assert codes() == []


def test_another_model_is_told_with_what_would_mend_it():
    declare(document("Model", "qwen", title="Qwen/Qwen2.5-7B"))
    server(serves=["qwen"])
    serving("mistralai/Mistral-7B")
    compare()
    (one,) = Finding.objects.filter(source=None)
    assert one.code == "wrong-model-served"
    # The title may be of a model that the reader does not see.
    assert "serve qwen," in one.message and "mistralai/Mistral-7B" in one.message
    assert "mistralai/Mistral-7B" in one.fix and "serves:" in one.fix


def test_a_difference_keeps_its_age_and_goes_when_it_is_mended():
    server(serves=["qwen"])
    serving("other")
    compare()
    first = Finding.objects.get(source=None)
    long_ago = timezone.now() - timedelta(days=3)
    Finding.objects.update(since=long_ago)
    compare()
    again = Finding.objects.get(source=None)
    assert again.pk == first.pk and again.since == long_ago
    serving("qwen")
    compare()
    assert codes() == []


def test_what_is_ignored_stays_so():
    server(serves=["qwen"])
    serving("other")
    compare()
    until = timezone.now() + timedelta(days=7)
    findings.ignore(Finding.objects.get(source=None), until, "Ada", "moving")
    compare()
    assert findings.ignored_for(EVERYTHING).get().ignored_reason == "moving"
    assert not columns.current().bits["drift"]


def test_what_cannot_be_looked_at_is_neither_made_up_nor_forgotten():
    server(serves=["qwen"])
    compare()
    assert codes() == []
    serving("other")
    compare()
    is_down()
    compare()
    assert codes() == ["wrong-model-served"]
    Probe.objects.update(fresh_until=clock.now() - 1)
    compare()
    assert codes() == ["wrong-model-served"]
    deciding.pause(probe(), "Ada", "")
    compare()
    assert codes() == ["wrong-model-served"]


def test_an_undeclared_model_beside_the_declared_one():
    server(serves=["qwen"])
    serving("qwen", "secret-experiment")
    compare()
    assert codes() == ["undeclared-model"]


def test_a_server_that_declares_no_model_at_all():
    server()
    serving("qwen")
    compare()
    assert codes() == ["undeclared-model"]
    component("gateway", type="service")
    found("ok", "serving", "gateway", models=["qwen"])
    compare()
    assert codes("gateway") == []


def test_a_list_of_what_could_be_loaded_declares_nothing():
    component(probe="ollama http://127.0.0.1:1", type="model-server", serves=["qwen"])
    serving("qwen", "llama3", "mistral")
    compare()
    assert codes() == []


def test_a_version_that_is_not_in_production():
    versions = [
        {"version": "v2", "stage": "production", "artifact": "hf://hub/lab/sum-v2"},
        {"version": "v1", "stage": "deprecated", "artifact": "hf://hub/lab/sum-v1"},
    ]
    declare(document("Model", "sum", spec={"versions": versions}))
    server(serves=["sum"])
    serving("lab/sum-v1")
    compare()
    assert codes() == ["wrong-version-served"]
    assert "v1" in Finding.objects.get(source=None).message
    serving("lab/sum-v1", "lab/sum-v2")
    compare()
    assert codes() == []


def test_declared_and_not_loaded():
    server(serves=["qwen"])
    is_up()
    detail = "Ready; serving not checked: not loaded (qwen)."
    found("unchecked", "serving", models=["qwen"], error="not-loaded", detail=detail)
    compare()
    assert codes() == ["model-not-loaded"]
    assert Status.objects.get().state == "unknown"


def test_another_dimension():
    server()
    is_up()
    for _ in range(2):
        found("degraded", "serving", error="wrong-dimension", detail="768, not 1024.")
    compare()
    assert codes() == ["wrong-dimension"]
    assert Finding.objects.get(source=None).evidence == "768, not 1024."


def test_a_server_of_another_kind():
    server()
    is_up()
    found("ok", "serving", models=[], kind="llama-cpp")
    compare()
    one = Finding.objects.get(source=None)
    assert one.code == "other-server" and '"llama-cpp http://127.0.0.1:1"' in one.fix


def test_nothing_asks_a_server_in_production():
    component(probe="", type="model-server")
    component("tool", probe="", type="library")
    component("trial", probe="", type="model-server", lifecycle="experimental")
    compare()
    assert codes() == ["not-probed"] and codes("tool") == codes("trial") == []
    component(type="model-server")
    compare()
    assert codes() == []


def test_deprecated_and_asked_by_somebody_beside_us():
    server(lifecycle="deprecated")
    is_up()
    today = timezone.now().date()
    Usage.objects.all().delete()
    Usage.objects.create(
        probe=probe(), day=today, requests=340, own_requests=100, covered=43_200
    )
    compare()
    assert codes() == ["deprecated-still-used"]
    assert "about 470 times a day" in Finding.objects.get(source=None).message
    Usage.objects.update(requests=100)
    compare()
    assert codes() == []


def test_use_that_was_hardly_counted_is_not_known():
    server(lifecycle="deprecated")
    is_up()
    Usage.objects.all().delete()
    day = timezone.now().date()
    Usage.objects.create(probe=probe(), day=day, requests=9, covered=60)
    compare()
    assert codes() == []


def test_differences_and_sources_leave_each_other_alone(folder):
    server(serves=["qwen"])
    serving("other")
    compare()
    declare(document(name="llm", annotations={"greenroom/probe": "vlm http://x"}))
    assert "probe-unusable" in Finding.objects.values_list("code", flat=True)
    component(type="model-server", serves=["qwen"])
    assert "wrong-model-served" in codes()
    processing.declare("", door="tests")
    assert "wrong-model-served" in codes()


def test_dead_and_still_needed_as_far_as_one_may_see():
    component("old", probe="", lifecycle="deprecated")
    component("open", probe="", dependsOn=["component:old"])
    component("trial", probe="", lifecycle="experimental", dependsOn=["component:old"])
    hidden = seen_by("user:default/nobody")
    declare(
        document(
            name="hidden", annotations=hidden, spec={"dependsOn": ["component:old"]}
        )
    )
    reader = Viewer(signed_in=True)
    (dead,) = consumed.dead(reader)
    assert dead.entity.name == "old" and [c.name for c in dead.consumers] == ["open"]
    (all_of_it,) = consumed.dead(EVERYTHING)
    assert [c.name for c in all_of_it.consumers] == ["hidden", "open"]


def test_down_for_a_week_is_dead_too():
    component("gone", "tcp tcp://127.0.0.1:1")
    component("user", probe="", dependsOn=["component:gone"])
    is_down("gone")
    assert consumed.dead(EVERYTHING) == []
    Status.objects.update(since=clock.now() - 8 * 86_400_000)
    (dead,) = consumed.dead(EVERYTHING)
    assert "more than a week" in dead.why


def test_differences_are_a_facet():
    server(serves=["qwen"])
    serving("other")
    compare()
    table = columns.current()
    assert set(table.bits["drift"]) == {"wrong-model-served"}


def test_comparing_many_takes_few_queries(django_assert_max_num_queries):
    for number in range(20):
        component(f"c{number}", f"vllm http://127.0.0.1:{number + 1}", serves=["m"])
        found("ok", "serving", f"c{number}", models=["m"])
    drift.refresh_all()
    with django_assert_max_num_queries(20):
        drift.refresh_all()
