"""Kinds: complete, and their JSON Schema agrees with validation."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from catalog.entities import envelope, validation
from catalog.kind import KINDS, relation_pairs
from tests.catalog.documents import MINIMAL, document

EXAMPLES = Path(__file__).parents[2] / "deploy/examples/homelab"


def test_the_kinds_of_the_catalog_are_there():
    assert set(MINIMAL) <= set(KINDS)


@pytest.mark.parametrize("name", MINIMAL)
def test_every_kind_and_field_is_described(name):
    kind = KINDS[name]
    assert kind.plural and kind.icon and kind.summary.endswith(".")
    for field in kind.Spec.model_fields.values():
        assert field.description and field.description.rstrip(")").endswith(".")
    jsonschema.Draft202012Validator.check_schema(kind.schema())


def test_relations_have_one_inverse_each():
    pairs = relation_pairs()
    assert len(set(pairs.values())) == len(pairs)
    assert not set(pairs) & set(pairs.values())
    assert pairs["dependsOn"] == "dependencyOf"
    assert pairs["runsOn"] == "hosts"


def fields(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, (*at, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from fields(inner, (*at, index))


def replaced(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    """The document with one value exchanged; `...` removes it."""
    if not at:
        return value
    step, *rest = at
    copy = data.copy()
    if not rest and value is ...:
        del copy[step]
    else:
        copy[step] = replaced(data[step], tuple(rest), value)
    return copy


def corpus() -> Iterator[Any]:
    """The example's documents, and each with one thing changed for the worse."""
    chance = random.Random(7)
    values = [..., 5, True, "", "x", [], ["x"], {}, {"x": 1}, [5], 2.5]
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for doc in envelope.read(path.read_bytes()).documents:
            yield doc.data
            places = list(fields(doc.data))[1:]
            for at in chance.sample(places, min(len(places), 12)):
                yield replaced(doc.data, at, chance.choice(values))


def test_the_schema_agrees_with_validation():
    validators = {
        name: jsonschema.Draft202012Validator(kind.schema())
        for name, kind in KINDS.items()
    }
    good = bad = 0
    for data in corpus():
        kind = data.get("kind") if isinstance(data, dict) else None
        if not isinstance(kind, str) or kind not in validators:
            continue
        problems = [p for p in validation.check(data) if p.is_error]
        complaints = list(validators[kind].iter_errors(data))
        good, bad = good + (not problems), bad + bool(problems)
        # The schema cannot say everything; what it does say has to be true.
        assert problems or not complaints, (data, complaints[0])
        if any(p.code in ("missing", "type") for p in problems):
            assert complaints, (data, problems)
    assert good > 40 and bad > 200


def test_the_schema_alone_refuses_the_plain_mistakes():
    schema = jsonschema.Draft202012Validator(KINDS["Component"].schema())
    for bad in (
        document(name="a b"),
        document(tags="x"),
        document(labels={"a": 1}),
        document(spec={"owner": ...}),
        {**document(), "relations": []},
        {**document(), "apiVersion": "greenroom/v1"},
    ):
        assert not schema.is_valid(bad), bad
