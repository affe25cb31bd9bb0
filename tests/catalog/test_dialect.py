"""The YAML dialect: YAML 1.2 core, strict, bounded, and back to text."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from catalog.entities import envelope
from catalog.entities.dialect import write


def only(text: str | bytes) -> Any:
    """What the one good document says."""
    reading = envelope.read(text)
    assert not reading.problems, reading.problems
    (doc,) = reading.documents
    return doc.data


def complaint(text: str | bytes, code: str) -> Any:
    """The one problem of a text without a good document."""
    reading = envelope.read(text)
    assert not reading.documents
    (problem,) = reading.problems
    assert problem.code == code, problem
    assert problem.message
    return problem


@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("~", None),
        ("", None),
        ("null", None),
        ("NULL", None),
        ("nUll", "nUll"),
        ("012", 12),
        ("-7", -7),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("0b11", "0b11"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("1e", "1e"),
        ("1.2.3", "1.2.3"),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("'5'", "5"),
        ('"no"', "no"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("! 5", "5"),
        ("<<", "<<"),
        ("=", "="),
        ("inf", "inf"),
        ("v1.0", "v1.0"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(scalar, value):
    found = only(f"a: {scalar}")["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("word", [".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999"])
def test_numbers_that_json_does_not_have_are_refused(word):
    assert complaint(f"a:\n  b: {word}", "number").line == 2


def test_keys_are_texts_and_a_merge_is_a_key_like_any_other():
    found = only("x: &x {a: 1}\ny:\n  <<: *x\n  1: one\n  true: two\n")
    assert found["y"] == {"<<": {"a": 1}, "1": "one", "true": "two"}


def test_a_block_at_the_end_of_the_file_ends_with_a_line_break():
    """As Backstage reads it, whether or not the editor wrote a last line break."""
    assert only("a: |\n  x") == only("a: |\n  x\n") == {"a": "x\n"}
    assert only("a: |-\n  x") == {"a": "x"}


def test_two_escapes_of_json_are_one_character():
    text = json.dumps({"a": "x 🎉 \\ 😀", "b": ["y"]})
    assert only(text) == {"a": "x 🎉 \\ 😀", "b": ["y"]}
    (doc,) = envelope.read(text).documents
    assert doc.place(("b", 0)) == (1, text.index('"y"') + 1)


def test_an_escape_beside_its_own_text_is_never_guessed():
    problem = complaint('a: "\\ud83c\\udf89"\nb: \\ud83c\\udf89', "escape")
    assert problem.line == 2 and "quoted value" in problem.remedy


def test_half_of_a_character_is_refused():
    assert "character itself" in complaint('a: "\\ud83c"', "yaml").remedy


def test_a_colon_between_brackets_is_explained():
    assert "{key: value}" in complaint("a: {b:[c]}", "yaml").remedy


def test_aliases_repeat_a_value():
    assert only("a: &x [1, 2]\nb: *x\n&k c: 3\nd: *k") == {
        "a": [1, 2],
        "b": [1, 2],
        "c": 3,
        "d": "c",
    }


def test_a_duplicate_key_is_refused_with_its_place():
    problem = complaint("a: 1\nb:\n  c: 1\n  c: 2\n", "duplicate-key")
    assert (problem.line, problem.column) == (4, 3)
    assert "'c'" in problem.message and problem.remedy


@pytest.mark.parametrize("text", ["? [a]\n: 1", "? {a: 1}\n: 1"])
def test_a_key_that_is_no_text_is_refused(text):
    complaint(text, "key")


@pytest.mark.parametrize("text", ["a: *x", "&a [*a]", "a: &x {b: *x}"])
def test_an_alias_without_an_anchor_before_it_is_refused(text):
    complaint(text, "alias")


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!secret", "!!binary", "!!timestamp"]
)
def test_foreign_tags_are_refused(tag):
    assert complaint(f"a:\n  - {tag} x", "tag").line == 2


def bomb(documents: int = 1) -> str:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    return "\n---\n".join(["\n".join(rows)] * documents)


def test_a_bomb_of_aliases_is_refused():
    problem = complaint(bomb(), "too-complex")
    assert "aliases" in problem.remedy


def test_a_bomb_of_long_texts_is_refused():
    long = "x" * 1_000_000
    complaint(f"a: &a {long}\nb: [{', '.join(['*a'] * 50_000)}]", "too-complex")


def test_many_small_bombs_are_as_bad_as_a_big_one():
    leaf = f"a: &a [{', '.join('x' * 100)}]\nb: [{', '.join(['*a'] * 100)}]"
    assert not envelope.read(leaf).documents


def test_a_shared_block_may_be_used_often():
    rows = "\n".join(f"n{n}: *base" for n in range(50))
    assert len(only(f"base: &base {{a: 1, b: 2, c: 3}}\n{rows}")) == 51


@pytest.mark.parametrize("text", ["[" * 5000, "{a: " * 5000, "- " * 5000])
def test_depth_is_bounded(text):
    problem = envelope.read(text).problems[0]
    assert problem.code in ("too-complex", "yaml")


LONG = {
    "separators": "---\n" * 1_000_000,
    "documents": "--- a\n" * 200_000,
    "ends": "...\n" * 1_000_000,
    "items": "- a\n" * 1_000_000,
    "keys": "? " * 500_000,
    "anchors": "&a " * 500_000,
    "quotes": "'" * 2_000_000,
    "colons": "a: b: " * 300_000,
    "braces": "{" * 1_000_000,
    "spaces": " " * 4_000_000 + "\t:",
    "comments": "#\n" * 1_000_000 + "a: [",
    "names": "kind: " * 500_000 + "\n: [",
    "bombs": bomb(500),
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_text_takes_long(text):
    started = time.process_time()
    envelope.read(text)
    assert time.process_time() - started < 5


def test_a_tab_is_named():
    problem = complaint("a:\n\tb: 1\n", "yaml")
    assert problem.line == 2
    assert "tab" in problem.remedy


SLIPS = [
    ("a: b: c\n", 1, 5, "one colon too many"),
    ("a: - b\n", 1, 4, "list cannot begin"),
    ("a:\n    b: 1\n  c: 2\n", 3, 3, "does not fit the lines above"),
    ("a:\n  - b\n  c: d\n", 3, 3, "does not fit the list above"),
    ("a: > b\n", 1, 6, "line of its | or >"),
    ("a: [b\nc: d\n", 2, 2, "bracket opens"),
    ("a: 1\nb\nc: 2\n", 3, 1, "without its colon"),
    ("a: {b:[c]}\n", 1, 6, "without a space"),
    ('a: "C:\\models"\n', 1, 7, "backslash"),
    ("a: @b\n", 1, 4, "begin with '@'"),
    ("a: `b\n", 1, 4, "begin with '`'"),
    ("a:\n \tb: 1\n", 2, 2, "tab"),
    ("a: {{ b }}\n", 1, 5, "where a key has to be"),
    ("a: !!python/name:os.system b\n", 1, 4, "tag !!python/name:os.system is"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), SLIPS)
def test_a_common_slip_is_told_in_plain_words(text, line, column, words):
    (problem,) = envelope.read(text).problems
    assert words in problem.message and problem.remedy.endswith(".")
    assert (problem.line, problem.column) == (line, column)


def test_a_colon_in_a_value_is_explained():
    assert "quotes" in complaint("a: b: c\n", "yaml").remedy


@pytest.mark.parametrize(
    "raw",
    [
        b"\xef\xbb\xbfa: \xc3\xa9\n",
        "a: é\n".encode("utf-16"),
        b"\xfe\xff" + "a: é\n".encode("utf-16-be"),
        "a: é\r\n",
        "\ufeffa: é",
    ],
)
def test_marked_encodings_and_line_ends_are_read(raw):
    assert only(raw) == {"a": "é"}


def test_another_encoding_is_refused():
    assert "0xe9" in complaint("a: é".encode("latin-1"), "encoding").message


@pytest.mark.parametrize("raw", [b"\x00\x01", b"a: \x07", "a: \x00"])
def test_binary_is_refused(raw):
    assert "U+00" in complaint(raw, "binary").message


@pytest.mark.parametrize("text", ['a: "b\\0c"', '"a\\0": b'])
def test_the_null_character_is_refused_even_when_escaped(text):
    """PostgreSQL has no place for it."""
    complaint(text, "binary")


def test_a_file_that_is_too_large_is_refused_unread():
    raw = b"a" * (envelope.MAX_BYTES + 1)
    assert "16 MB" in complaint(raw, "too-large").message


def test_broken_documents_leave_their_neighbours():
    reading = envelope.read("a: 1\n---\nb: [\n---\nc: 3\n--- # last\nd: 4\n")
    assert [doc.data for doc in reading.documents] == [{"a": 1}, {"c": 3}, {"d": 4}]
    (problem,) = reading.problems
    assert problem.line in (3, 4)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("---\n---\na\n---\n", ["a"]),
        ("a\n...\nb\n", ["a", "b"]),
        ("a\n... # end\nb\n", ["a", "b"]),
        ("a\n...\n---\nb\n...\n", ["a", "b"]),
        ("--- a\n--- b", ["a", "b"]),
        ("%YAML 1.2\n---\na\n", ["a"]),
        ("# x\n%YAML 1.2\n# y\n---\na\n", ["a"]),
        ("a\n...\n%YAML 1.2\n---\nb\n", ["a", "b"]),
        ("a: |\n  x\n  ---\n  y\n---\nb\n", [{"a": "x\n---\ny\n"}, "b"]),
        ("a\r\n---\r\nb\r\n", ["a", "b"]),
        ("---a\n", ["---a"]),
        ("# only a comment\n", []),
        ("", []),
    ],
)
def test_documents_are_told_apart(text, values):
    reading = envelope.read(text)
    assert not reading.problems, reading.problems
    assert [doc.data for doc in reading.documents] == values


@pytest.mark.parametrize("text", ["---\n%a: b\n", "%YAML 1.2\na: b\n", "a\r---\rb\r"])
def test_no_document_is_lost_in_silence(text):
    assert envelope.read(text).problems


def plain_data() -> st.SearchStrategy[Any]:
    """Anything that JSON can say."""
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(10**30), 10**30)
        | st.floats(allow_nan=False, allow_infinity=False)
        | texts
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
        max_leaves=20,
    )


@given(plain_data().filter(lambda data: data is not None))
def test_what_is_written_reads_the_same(data):
    assert only(write(data)) == data


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text("0123456789_:.-oxe+yn")))
def test_written_texts_are_texts_for_every_reader(data):
    assert yaml.safe_load(write(data)) == data


def test_finite_floats_keep_their_value():
    for value in (1e22, 1e-7, 0.1, 5e-324, math.pi):
        assert only(write({"a": value})) == {"a": value}
