"""A stock catalog is taken whole, and the real client gets the recorded answers."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import pytest
import yaml

from tests.backstage import client, wire
from tests.backstage.calls import reads, writes
from tests.backstage.comparing import Relation, difference, read_back, ref_of
from tests.backstage.marks import REAL
from tests.backstage.recording import (
    SAMPLE,
    answered,
    asker,
    on_the_sample,
    places,
    recorded,
)

pytestmark = REAL
PAIRS = {
    "ownedBy": "ownerOf",
    "partOf": "hasPart",
    "dependsOn": "dependencyOf",
    "providesApi": "apiProvidedBy",
    "consumesApi": "apiConsumedBy",
    "childOf": "parentOf",
    "memberOf": "hasMember",
}
DECLARED = """
domain:default/research ownedBy group:default/lab
system:default/assistant ownedBy group:default/lab
system:default/assistant partOf domain:default/research
component:default/chat ownedBy group:default/lab
component:default/chat partOf system:default/assistant
component:default/chat consumesApi api:default/completions
component:default/chat dependsOn component:default/server
component:default/chat dependsOn resource:default/node-01
component:default/server ownedBy group:default/readers
component:default/server partOf system:default/assistant
component:default/server providesApi api:default/completions
component:default/server dependsOn resource:default/node-01
component:default/server dependsOn resource:default/llama
component:test/trial ownedBy user:default/ada
api:default/completions ownedBy group:default/readers
api:default/completions partOf system:default/assistant
resource:default/node-01 ownedBy group:default/lab
resource:default/llama ownedBy group:default/lab
resource:default/llama partOf system:default/assistant
resource:default/llama dependsOn resource:default/nowhere
group:default/readers childOf group:default/lab
user:default/ada memberOf group:default/lab
user:default/ada memberOf group:default/readers
user:default/grace memberOf group:default/readers
"""


def documents() -> Iterator[dict[str, Any]]:
    for name in ("catalog-info", "people", "parts"):
        yield from yaml.safe_load_all((SAMPLE / f"{name}.yaml").read_text())


def relations(entities: Container[str]) -> Iterator[Relation]:
    """Both directions; only an entity that exists shows its own."""
    for line in DECLARED.split("\n")[1:-1]:
        source, kind, target = line.split()
        yield source, kind, target
        if target in entities:
            yield target, PAIRS[kind], source


def test_the_sample_is_taken_whole_and_without_a_word(sampled):
    backstage, _ = sampled
    entities = {ref_of(document): document for document in documents()}
    taken = read_back(backstage)
    # What the start says is no complaint about an entity.
    taken.complaints = [c for c in taken.complaints if c.entity]
    assert difference(entities, list(relations(entities)), taken) == []
    assert taken.is_clean() and len(entities) == 13


def test_every_method_of_the_client_is_called(installed):
    called = {call.method for call in [*reads(""), *writes("")]}
    assert called == set(client.methods())


@pytest.mark.parametrize("name", ["requests", "reads"])
def test_what_is_read_is_as_recorded(sampled, name):
    """A new Backstage that answers otherwise is noticed here, and recorded anew."""
    found = answered(name, *sampled)
    assert found == recorded(name)


def test_what_is_written_is_answered_as_recorded(installed):
    with on_the_sample() as running:
        assert answered("writes", *running) == recorded("writes")


def test_the_recorded_exchanges_can_be_made_again_without_node(sampled):
    backstage, source = sampled
    again = wire.replay(recorded("reads"), asker(backstage), places(backstage, source))
    assert list(again) == []
