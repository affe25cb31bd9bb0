"""Any valid document survives import, export, import; byte-stable after the first."""

from __future__ import annotations

import os
import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from catalog.entities import dialect, envelope, secrecy, validation
from catalog.entities.models import Entity
from catalog.kind import KINDS
from catalog.sources import adding, processing
from tests.catalog.documents import MINIMAL, document

WORD = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
NAME = st.builds("".join, st.tuples(WORD, st.sampled_from(["", "-x", "_y", ".z"])))
# What YAML readers of all ages make something else of.
ODD = ["no", "on", "012", "1:30", "1_000", "2026-01-01", "~", "null", "<<", "a: b"]
ODD += ["- a", "# c", "'", '"', "a\nb\n", " lead", "trail ", "\u2028", "{{ x }}", "%a"]
ODD += ["@b", "`c`", "*d", "&e", "!f", "|", ">", "=", "é"]
SIGNS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff")
TEXT = st.text(SIGNS, max_size=60) | st.sampled_from(ODD)
WHOLE = st.integers(-(2**53), 2**53)
REAL = st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT | REAL,
    lambda one: st.lists(one, max_size=3) | st.dictionaries(WORD, one, max_size=3),
    max_leaves=8,
)
EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
SLOW = list(HealthCheck)
KEY = WORD.map("ex.org/{}".format)


@st.composite
def documents(draw: Any) -> dict[str, Any]:
    """A document that Backstage would take, with everything that may stand in one."""
    kind = draw(st.sampled_from(sorted(MINIMAL)))
    metadata: dict[str, Any] = {}
    for key, values in (
        ("title", TEXT.filter(bool)),
        ("description", TEXT),
        ("labels", st.dictionaries(WORD, NAME | st.just(""), max_size=3)),
        (
            "annotations",
            st.dictionaries(KEY, TEXT, max_size=3),
        ),
        ("tags", st.lists(WORD.map(str.lower), max_size=3)),
        ("extra", VALUE),
    ):
        if draw(st.booleans()):
            metadata[key] = draw(values)
    spec = draw(st.dictionaries(WORD.map("x{}".format), VALUE, max_size=3))
    return document(kind, draw(NAME), spec=spec, **metadata)


def is_plain(text: str) -> bool:
    """Without what is withheld: that is changed on purpose."""
    return secrecy.withhold(text)[0] == text


class RoundTrip(TestCase):
    """On a database that is put back after each example."""

    @settings(
        max_examples=int(os.environ.get("EXAMPLES", "25")),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(documents(), min_size=1, max_size=4))
    def test_import_export_import(self, made: list[dict[str, Any]]) -> None:
        good = {
            (d["kind"], d["metadata"]["name"].lower()): d
            for d in made
            if not any(p.is_error for p in validation.check(d))
        }
        text = "---\n".join(dialect.write(one) for one in good.values())
        if not good or not is_plain(text):
            return
        outcome = processing.declare(text, door="test")
        assert outcome.added == len(good), outcome.problems
        with TemporaryDirectory() as name:
            first, second = Path(name, "first"), Path(name, "second")
            call_command("export", "-o", str(first), verbosity=0)
            source = adding.source_for(str(first))
            source.name, source.may_declare_people = "export", True
            source.save()
            again = processing.refresh(source)
            assert not (again.added or again.changed or again.refused), again.problems
            call_command("export", "-o", str(second), verbosity=0)
            assert files_of(first) == files_of(second)
        for key, one in good.items():
            row = Entity.objects.get(kind=key[0], name__iexact=key[1])
            assert row.data == one


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*.yaml")
    }


@settings(max_examples=300, deadline=None)
@given(documents())
def test_what_is_written_is_read_as_the_same(made: dict[str, Any]) -> None:
    text = dialect.write(made)
    (doc,) = envelope.read(text).documents
    assert doc.data == made
    assert dialect.write(doc.data) == text


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_smallest_document(kind: str) -> None:
    assert not [p for p in validation.check(document(kind)) if p.is_error]
