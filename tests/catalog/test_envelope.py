"""Documents know their lines and columns, and their own text."""

from __future__ import annotations

import pytest

from catalog.entities import envelope

FILE = """\
# about the file
kind: A
spec:
  list:
    - x
    - y: 1
---
kind: B
metadata: {name: b, tags: [one, two]}
"""


def test_every_field_has_its_line_and_column():
    first, second = envelope.read(FILE, "f.yaml").documents
    assert first.place(("kind",)) == (2, 1)
    assert first.place(("spec", "list", 1, "y")) == (6, 7)
    assert second.place(("metadata", "tags", 1)) == (9, 33)


def test_a_missing_field_is_placed_at_what_is_around_it():
    first, second = envelope.read(FILE, "f.yaml").documents
    assert first.place(("spec", "list", 7, "z")) == (4, 3)
    assert second.place(("spec", "owner")) == (8, 1)


def test_a_document_keeps_its_own_text_and_first_line():
    first, second = envelope.read(FILE, "f.yaml").documents
    assert first.text + "---\n" + second.text == FILE
    assert (first.line, second.line, second.path) == (1, 8, "f.yaml")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_counted_over_documents_and_separators(end):
    text = end.join(["---", "a: 1", "...", "", "---", "b: 1", "--- # c", "d: 1"])
    places = [d.place((next(iter(d.data)),)) for d in envelope.read(text).documents]
    assert places == [(2, 1), (6, 1), (8, 1)]


def test_a_broken_document_guesses_whom_it_was_about():
    text = 'kind: Component\nmetadata:\n  name: "web"\n  namespace: it\nspec: [\n'
    (problem,) = envelope.read(text, "f.yaml").problems
    assert problem.subject == "component:it/web"
    assert problem.path == "f.yaml"
    assert problem.place.startswith("f.yaml:")
