"""Broken input of every sort: it is explained; nothing raises and nothing hangs.

FUZZ=20000 in the environment sets the number of documents.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.entities import validation
from catalog.entities.models import Entity
from catalog.kind import KINDS
from catalog.sources.candidates import examine
from catalog.sources.limits import sight_of
from catalog.sources.models import Source
from catalog.sources.rows import attribute_rows
from tests.catalog.documents import document

NUMBER = int(os.environ.get("FUZZ", "1500"))
EXAMPLES = Path(__file__).parents[2] / "deploy/examples/homelab"
PIECES = [
    "\t",
    "\0",
    "[",
    "{",
    "]",
    "}",
    ": ",
    "- ",
    "&a ",
    "*a",
    "!!x ",
    "---\n",
    "...\n",
]
PIECES += [
    "'",
    '"',
    "|\n",
    ">\n",
    "#",
    "%",
    "\r",
    "\x85",
    "\ufeff",
    "\ud800",
    "é",
    "0x",
    "? ",
]
PIECES += [
    "<<: ",
    "no",
    "~",
    "\n",
    "    ",
    "\u2028",
    "@",
    "`",
    "1e999",
    "null",
    "x" * 300,
]


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few things inserted, removed, doubled or swapped."""
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(text) + 1)
        end = min(len(text), start + chance.randint(0, 30))
        match chance.randrange(4):
            case 0:
                text = text[:start] + chance.choice(PIECES) + text[start:]
            case 1:
                text = text[:start] + text[end:]
            case 2:
                text = text[:end] + text[start:end] + text[end:]
            case 3:
                text = text[:start] + chance.choice(PIECES) + text[end:]
    return text


@pytest.mark.parametrize("as_bytes", [False, True])
def test_no_mutation_of_an_example_is_too_much(as_bytes):
    chance = random.Random(11)
    texts = [path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))]
    assert texts
    slowest = 0.0
    for _ in range(NUMBER):
        text = mutated(chance.choice(texts), chance)
        raw = text.encode("utf-8", "surrogatepass") if as_bytes else text
        started = time.process_time()
        found = examine(raw, "a.yaml")
        slowest = max(slowest, time.process_time() - started)
        for problem in found.problems:
            assert problem.sentence().strip()
            assert problem.line is None or problem.line >= 1
    assert slowest < 1


@given(st.binary(max_size=400) | st.text(max_size=200))
def test_no_bytes_are_too_much(raw):
    examine(raw, "a.yaml", scanned=True)
    examine(raw, "catalog-info.yaml")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.sampled_from([*sorted(KINDS), "Widget"]),
    st.dictionaries(
        st.sampled_from(["name", "namespace", "title", "labels", "annotations", "tags"])
        | st.just("links"),
        ANYTHING,
    ),
    st.data(),
)
def test_whatever_stands_in_a_field_is_judged(kind, metadata, data):
    found = document(kind, **{"name": "web", **metadata})
    if kind in KINDS:
        fields = st.sampled_from(sorted(KINDS[kind].Spec.model_fields))
        found["spec"] |= data.draw(st.dictionaries(fields, ANYTHING, max_size=3))
    for problem in validation.check(found):
        assert problem.sentence()
        assert problem.at or problem.code == "shape"


def test_what_passed_validation_can_be_stored():
    """The rows of a mutated document are made without a look at what it says."""
    chance = random.Random(5)
    texts = [path.read_text() for path in sorted(EXAMPLES.rglob("*.yaml"))]
    made = 0
    for _ in range(NUMBER // 3):
        for candidate in examine(mutated(chance.choice(texts), chance), "a").candidates:
            data = candidate.data
            assert sight_of(Source(), data).audience
            assert all(len(row.key) <= 330 for row in attribute_rows(Entity(), data))
            made += 1
    assert made > NUMBER // 3
