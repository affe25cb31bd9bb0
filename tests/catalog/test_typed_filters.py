"""Filters among the words, what needs no owner, and who comes first."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict

from catalog.entities.viewer import EVERYTHING
from catalog.query import hits
from catalog.query.search import Search
from tests.catalog.documents import declare, document, seen_by, viewer
from tests.catalog.test_search import facet, names, run

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def searched(text: str, **more: str) -> Any:
    params = QueryDict(mutable=True)
    params.update({"q": text, **more})
    return Search.from_params(params)


def found(text: str, **more: str) -> list[str]:
    return [row.name for row in searched(text, **more).run(EVERYTHING).rows]


def test_typed_filters_filter_whatever_their_capitals():
    declare(
        document("Group", "platform"),
        document("Model", "m", tags=["gpu"], spec={"owner": "platform"}),
        document("Model", "n", spec={"owner": "user:ada"}),
        document(tags=["gpu"], annotations={"greenroom/cost-centre": "AI lab"}),
    )
    assert found("kind:MODEL owner:Platform tag:GPU") == ["m"]
    assert found("kind:model") == ["m", "n"]
    assert found("owner:user:ada") == ["n"]
    assert found('cost-centre:"ai LAB"') == ["web"]
    assert found("kind:model", tag="gpu") == ["m"]
    assert found("kind:model,component tag:gpu") == ["m", "web"]
    assert found("kind:model kind:component") == []
    assert found("kind:nonsense") == []
    results = searched("kind:model m", tag="gpu").run(EVERYTHING)
    assert results.words == "m" and results.conditions == ["kind:model"]
    # They stand in the text box already: no chip beside it.
    assert [chip.key for chip in results.chips] == ["tag"]


def test_a_typed_filter_finds_nothing_hidden():
    declare(
        document("User", "ada"), document(name="h", annotations=seen_by("user:eve"))
    )
    ada = viewer("user:default/ada")
    assert not searched("kind:component").run(ada).rows
    assert searched("kind:component").run(EVERYTHING).total == 1


def test_no_owner_counts_only_what_needs_one():
    declare(
        document("Group", "lab"),
        document("User", "ada"),
        document("Location", "here"),
        document("Widget", "lost", spec={}),
        document(),
    )
    results = run("kind=Widget&kind=Group&kind=User&kind=Location&kind=Component")
    assert facet(results, "owner") == {"": 1, "group:default/lab": 1}
    assert names("owner=") == ["lost"]
    assert set(names("tier=")) == {"lost", "web"}


def test_who_is_called_so_comes_first_and_the_shorter_title_before_the_longer():
    declare(
        document("API", "llm-gateway-api", title="LLM gateway API"),
        document("Component", "llm-gateway", title="LLM gateway"),
        document("Resource", "gateway", title="Gateway"),
        document("Component", "n8n", description="Uses the gateway gateway gateway."),
    )

    def order(text: str) -> list[str]:
        return [hit.entity.name for hit in hits.find(text, EVERYTHING)]

    assert order("gatew") == ["gateway", "llm-gateway", "llm-gateway-api", "n8n"]
    assert order("llm gateway api") == ["llm-gateway-api"]
    assert order("llm-gateway")[0] == "llm-gateway"
    assert found("gatew") == order("gatew")
