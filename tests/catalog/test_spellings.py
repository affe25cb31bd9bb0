"""Warnings about unquoted values that read differently elsewhere, or lose something."""

from __future__ import annotations

import pytest

from catalog.entities import envelope
from catalog.sources.candidates import examine
from tests.catalog.documents import document, text_of


def remarks(text: str):
    """The reader's warnings about the only document of a text."""
    (doc,) = envelope.read(text).documents
    return doc.remarks


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("no", "other-reading", "read no as false"),
        ("Yes", "other-reading", "read Yes as true"),
        ("OFF", "other-reading", "as false"),
        ("y", "other-reading", "as true"),
        ("N", "other-reading", "as false"),
        ("0o17", "number-reading", "reads as the number 15."),
        (".50", "number-reading", "reads as the number 0.5."),
        ("+49301234", "number-reading", "reads as the number 49301234."),
        ("1:30", "other-reading", "as a number"),
        ("1_000", "other-reading", "as a number"),
        ("0b11", "other-reading", "as a number"),
        ("1.10", "number-reading", "reads as the number 1.1."),
        ("012", "number-reading", "reads as the number 12."),
        ("1e3", "number-reading", "reads as the number 1000."),
        ("0x1F", "number-reading", "reads as the number 31."),
        ("9007199254740993", "long-number", "more digits"),
    ],
)
def test_a_doubtful_value_is_told_with_its_place(value, code, words):
    (problem,) = remarks(f"a: 1\nb:\n  - x\n  - {value}\n")
    assert (problem.code, problem.is_error) == (code, False)
    assert (problem.line, problem.column, problem.field) == (4, 5, "b[1]")
    assert words in problem.message and problem.remedy and problem.value == value


@pytest.mark.parametrize(
    "value",
    [
        *["7", "-7", "0", "1.5", "1.0", ".5", "5.", "0.00001", "true", "null"],
        *["2024-01-01", "2024-01-01T10:00:00Z", "v1.10", "1.2.3", "yes!", "80:80"],
        *["'no'", '"1.10"', "|\n  no", "[]", "!!str no", "{no: a, 1.10: b}"],
    ],
)
def test_a_plain_value_is_left_alone(value):
    assert not remarks(f"a: {value}\n")


def test_many_of_a_kind_are_one_warning():
    (problem,) = remarks("a: [no, yes, on, off]\n")
    assert problem.column == 5
    assert "3 more values" in problem.message


def test_the_warning_reaches_the_author_and_lets_the_document_in():
    text = text_of(document()) + "  version: 1.10\n"
    found = examine(text, "a.yaml")
    (problem,) = found.problems
    assert len(found.candidates) == 1
    assert problem.subject == "component:default/web"
    assert problem.sentence().startswith(f"a.yaml:{len(text.splitlines())}:12: warning")


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ({"annotations": {"a.b/v": "VALUE"}}, "1.10"),
        ({"labels": {"v": "VALUE"}}, "012"),
        ({"name": "VALUE"}, "0x1F"),
        ({"tags": ["VALUE"]}, "1e3"),
        ({"spec": {"type": "VALUE"}}, "1.50"),
    ],
)
def test_the_remedy_of_an_error_keeps_the_digits_of_the_author(part, value):
    text = text_of(document(**part)).replace("VALUE", value)
    found = examine(text, "a.yaml")
    (error,) = [problem for problem in found.problems if problem.is_error]
    assert error.remedy == f'Put it in quotes: "{value}".'
    quoted = text.replace(f" {value}\n", f' "{value}"\n')
    assert not examine(quoted, "a.yaml").problems
