"""Hostile or broken files: one clear answer each, and the neighbours are still read."""

from __future__ import annotations

import pytest

from catalog.entities import dialect, envelope

BOMB = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
)
BROKEN = {
    "aliases": (BOMB, "too-complex"),
    "nesting": ("a: " + "[" * 500 + "]" * 500, "too-complex"),
    "python tag": ("a: !!python/object/apply:os.system [x]", "tag"),
    "tab": ("a:\n\tb: 1", "yaml"),
    "quote": ('a: "x\nb: 1', "yaml"),
    "null character": ("a: x\0y", "binary"),
    "duplicate": ("a: 1\na: 2", "duplicate-key"),
    "list that never closes": ("a: [1, 2", "yaml"),
}


@pytest.mark.parametrize(("text", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_document_has_one_error_and_leaves_its_neighbours(text, code):
    reading = envelope.read(f"first: 1\n---\n{text}\n---\nlast: 1\n", "a.yaml")
    assert [doc.data for doc in reading.documents] == [{"first": 1}, {"last": 1}]
    (problem,) = reading.problems
    assert (problem.code, problem.path) == (code, "a.yaml")
    assert problem.line and problem.line >= 3
    assert problem.message.endswith(".") and problem.remedy


FILES = {
    "50 MB": (b"a: 1\n" * 10_000_000, "too-large"),
    "latin-1": ("a: caf\u00e9".encode("latin-1"), "encoding"),
    "utf-16 without a mark": ("a: 1".encode("utf-16-le"), "binary"),
    "program": (b"\x7fELF\x02\x01\x01\x00", "binary"),
}


@pytest.mark.parametrize(("raw", "code"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_text_has_one_error(raw, code):
    reading = envelope.read(raw, "a.yaml")
    assert not reading.documents
    (problem,) = reading.problems
    assert problem.code == code and problem.remedy


@pytest.mark.parametrize("text", [BOMB, "[" * 100_000, "- x\n" * 300_000])
def test_the_work_on_a_document_is_bounded(text, monkeypatch):
    """Counted, not timed: as many values as allowed, and not one more."""
    seen = []
    count = dialect._Builder._count

    def counting(self, event, number=1):
        seen.append(number)
        count(self, event, number)

    monkeypatch.setattr(dialect._Builder, "_count", counting)
    (problem,) = envelope.read(text).problems
    assert problem.code == "too-complex"
    assert sum(seen[:-1]) <= min(dialect.MAX_NODES, len(text) + 1000)
    assert len(seen) <= dialect.MAX_NODES + 1


def test_the_parser_gets_no_text_that_is_too_large(monkeypatch):
    monkeypatch.setattr(envelope, "build", None)
    (problem,) = envelope.read(b"a: 1\n" * 10_000_000).problems
    assert problem.code == "too-large"


def test_a_file_of_escapes_for_half_characters_is_read_once():
    text = 'a: "' + r"\ud83c\udf89" * 200_000 + '"'
    (doc,) = envelope.read(text).documents
    assert doc.data["a"] == "🎉" * 200_000


def test_a_line_of_ten_megabytes_is_read():
    (doc,) = envelope.read("a: " + "x" * 10_000_000).documents
    assert len(doc.data["a"]) == 10_000_000 and not doc.remarks
