"""Slips in names: what was meant is offered, of what the asker sees, and at once."""

from __future__ import annotations

import pytest

from catalog.entities.viewer import EVERYTHING
from catalog.query import hits
from catalog.query.language.asking import ask
from tests.catalog.documents import declare, document, seen_by, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture(autouse=True)
def catalog() -> None:
    declare(
        document("User", "ada"),
        document("Model", "whisper-large-v3", title="Whisper large"),
        document("Component", "llm-gateway", title="LLM gateway"),
        document("Component", "embeddings", title="Embeddings"),
        document("Component", "qwen", title="Qwen2.5"),
    )


def offered(text: str, who=EVERYTHING) -> list[str]:
    return [q for one in ask(text, who).scope.remarks for _, q in one.instead]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wisper", "whisper"),
        ("whispr-large", "whisper large"),
        ("gatway", "gateway"),
        ("embedings", "embeddings"),
        ("kind:component gatewey", "kind:component gateway"),
        ("(gatway OR wisper)", "(gateway OR wisper)"),
        ("Whispre", "whisper"),
    ],
)
def test_what_was_meant_is_offered(typed, meant):
    assert meant in offered(typed)


@pytest.mark.parametrize("typed", ["whisper", "abc", "xyzzyxyz", '"wisper"', "-wisper"])
def test_nothing_is_offered_where_nothing_is_near_or_something_is_found(typed):
    assert offered(typed) == []


def test_the_palette_shows_what_was_meant():
    assert [hit.entity.name for hit in hits.find("wisper", EVERYTHING)] == [
        "whisper-large-v3"
    ]
    assert [hit.entity.name for hit in hits.find("llm gatway", EVERYTHING)] == [
        "llm-gateway"
    ]
    assert hits.find("xyzzyxyz", EVERYTHING) == []
    assert hits.find("kind:model gatway", EVERYTHING) == []


def test_no_hidden_name_is_offered():
    declare(document("Component", "voicebox", annotations=seen_by("user:eve")))
    ada = viewer("user:default/ada")
    assert offered("voicebux") == ["voicebox"]
    assert offered("voicebux", ada) == []
    assert hits.find("voicebux", ada) == []


def test_what_was_just_saved_is_offered():
    assert offered("brandnev") == []
    declare(document("Component", "brandnew"))
    assert offered("brandnev") == ["brandnew"]
