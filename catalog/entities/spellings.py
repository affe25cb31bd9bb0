"""Unquoted values that read differently elsewhere, or lose something as they are read.

The reader asks about each plain scalar, so the usual one has to cost next to nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

from catalog.entities.problems import WARNING, Path, Problem

_SAFE_INTEGER = 2**53
_LONGEST = 60
_WORDS = {
    spelling: meaning
    for word, meaning in (
        ("y", "true"),
        ("n", "false"),
        ("yes", "true"),
        ("on", "true"),
        ("no", "false"),
        ("off", "false"),
    )
    for spelling in (word, word.capitalize(), word.upper())
}
_OTHER_NUMBER = re.compile(
    r"[-+]?(?:[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*(?:\.[0-9_]*)?)"
)
_STARTS = frozenset("+-0123456789")
# With these a value has to begin for the reader to ask at all.
SUSPECT_STARTS = _STARTS | frozenset(".yYnNoO")


class Remarks:
    """The warnings about one document: of each code the first place, and how many."""

    def __init__(self) -> None:
        self._first: dict[str, Problem] = {}
        self._count: dict[str, int] = {}
        self.written: dict[Path, str] = {}

    def add(self, problem: Problem, text: str) -> None:
        """Keep a warning, or count it where its code was met before."""
        self.written[problem.at] = text
        self._first.setdefault(problem.code, problem)
        self._count[problem.code] = self._count.get(problem.code, 0) + 1

    def problems(self) -> tuple[Problem, ...]:
        """One warning for each code."""
        if not self._first:
            return ()
        return tuple(
            _counted(problem, self._count[code] - 1)
            for code, problem in self._first.items()
        )


def _counted(problem: Problem, more: int) -> Problem:
    if not more:
        return problem
    values = "value" if more == 1 else "values"
    message = f"{problem.message} The same holds for {more:,} more {values} below."
    return replace(problem, message=message)


def is_suspect(text: str, value: Any) -> bool:
    """Is a look worth it? Asked of unquoted values with a suspect start."""
    if value.__class__ is str:
        return text in _WORDS or (
            text[0] in _STARTS and bool(_OTHER_NUMBER.fullmatch(text))
        )
    if value.__class__ is int:
        return str(value) != text or abs(value) > _SAFE_INTEGER
    return value.__class__ is float and repr(value) != text


def remark(text: str, value: Any, at: Path) -> Problem | None:
    """The warning about an unquoted value, or None where it is harmless."""
    if isinstance(value, str):
        return _other_reading(text, at)
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return _warning(
            "long-number",
            f"{_short(text)} has more digits than other tools keep: "
            "they round numbers beyond 9007199254740992.",
            "Put it in quotes if it is an id.",
            text,
            at,
        )
    reading = _canonical(value)
    if isinstance(value, float) and _plain_form(text) == reading:
        return None
    return _warning(
        "number-reading",
        f"{_short(text)} reads as the number {_short(reading)}.",
        "Put it in quotes if it is a version or an id.",
        text,
        at,
    )


def _other_reading(text: str, at: Path) -> Problem:
    meaning = _WORDS.get(text, "a number")
    return _warning(
        "other-reading",
        f"Other tools may read {_short(text)} as {meaning}; here it is a text.",
        f'Put it in quotes: "{_short(text)}".',
        text,
        at,
    )


def _warning(code: str, message: str, remedy: str, text: str, at: Path) -> Problem:
    return Problem(code, message, remedy, WARNING, at, _short(text))


def _canonical(value: float) -> str:
    return _plain_form(format(Decimal(repr(value)), "f"))


def _plain_form(text: str) -> str:
    """`.5`, `5.` and `5.0` lose nothing: a point is not what makes a version."""
    sign = "-" if text.startswith("-") else ""
    digits = text.removeprefix("-").removesuffix(".0").removesuffix(".")
    return sign + ("0" + digits if digits.startswith(".") else digits)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
