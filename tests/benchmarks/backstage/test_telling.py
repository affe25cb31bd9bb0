"""The table says what was measured and what was not, and asks about 100 hits."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.benchmarks import generate
from tests.benchmarks.backstage import measuring, questions
from tests.benchmarks.backstage.measuring import REQUEST, Book
from tests.benchmarks.backstage.telling import rows

PAGE = f"{questions.PAGE}{REQUEST}"


def line(book: Book, row: str) -> str:
    """The line of one row."""
    return next(one for one in rows(book) if f"| {row} |" in one)


def test_a_row_has_both_their_ratio_and_the_goal():
    book = Book(10_000, "postgresql")
    book.values = {
        (PAGE, "Backstage"): [9.0, 12.0, 10.0],
        (PAGE, "Greenroom"): [1.0, 0.9, 1.1],
    }
    book.parts = {(PAGE, "Greenroom"): [0.2, 0.4, 0.3]}
    assert line(book, PAGE) == (
        f"| 10,000 | PostgreSQL | {PAGE} | 10 (9 to 12) | 1 (0.9 to 1.1), database 0.3 "
        "| 10.0x | < 1.2, 5x: met |"
    )
    book.values[PAGE, "Backstage"] = [4.0]
    assert line(book, PAGE).endswith("| 4.0x | < 1.2, 5x: missed |")


def test_what_was_not_measured_says_why():
    book = Book(1_000, "sqlite", whys={"Backstage": "no node | here"})
    book.values = {(PAGE, "Greenroom"): [1.0]}
    said = "not measured: no node / here"
    assert f"| {said} | 1 |  | < 1.2, ahead |" in line(book, PAGE)
    assert "not measured: it was not reached" in line(book, measuring.EXPORT)


@pytest.mark.parametrize("size", [1_000, 10_000])
def test_a_full_text_finds_about_a_hundred(size):
    texts = [one for one in generate.documents(size) if "\nkind: Component\n" in one]
    for question in questions.questions(size)[questions.TEXT]:
        (term,) = parse_qs(urlsplit(question.path).query)["fullTextFilterTerm"]
        assert 50 < sum(term in text for text in texts) < 150
