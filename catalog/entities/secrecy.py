"""Secrets do not come in: what looks like one is taken out of a text before it is read.

Nothing after this has seen the value: no message, row, page, diff, log or export.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalog.entities.envelope import Doc, decode
from catalog.entities.problems import WARNING, Path, Problem, field_name
from catalog.entities.secret_formats import (
    Sighting,
    in_addresses,
    private_keys,
    tokens,
)
from catalog.entities.secret_words import MARKER, is_secret_word, named
from catalog.entities.unreadable import Unreadable

MOST = 30
REMEDY = (
    "Put it in the environment or in a secret file and write ${NAME} here. Replace the "
    "secret itself: everybody who can read the source has read it."
)


@dataclass(frozen=True)
class Withheld:
    """A secret that was taken out: what it looked like, and where it stood.

    `line` and `column` are those of its author's file; `now` is the column at which the
    marker stands.
    """

    looks: str
    line: int
    column: int
    now: int


def withhold(text: str) -> tuple[str, list[Withheld]]:
    """The text with a marker for every secret, line for line, and what was taken out.

    Doing it twice changes nothing.
    """
    sightings = _apart(_sightings(text))
    if not sightings:
        return text, []
    pieces, found = [], []
    done, line, line_start, shift = 0, 1, 0, 0
    for sighting in sightings:
        start, end = sighting.start, sighting.end
        breaks = text.count("\n", done, start)
        if breaks:
            line_start, shift = text.rfind("\n", done, start) + 1, 0
            line += breaks
        column = start - line_start + 1
        found.append(Withheld(sighting.looks, line, column, column + shift))
        pieces += [text[done:start], _instead(text[start:end])]
        shift += len(MARKER) - (end - start)
        # Of a secret of several lines, what follows in its last line keeps its place.
        if inner := text.count("\n", start, end):
            line_start, shift = text.rfind("\n", start, end) + 1, 0
            line += inner
        done = end
    return "".join([*pieces, text[done:]]), found


def withhold_raw(raw: bytes | str) -> tuple[bytes | str, list[Withheld]]:
    """The same for a file. What is no text stays as it is: its reader refuses it."""
    try:
        text = decode(raw)
    except Unreadable:
        return raw, []
    safe, found = withhold(text)
    return (safe, found) if found else (raw, [])


def _sightings(text: str) -> Iterator[Sighting]:
    yield from private_keys(text)
    yield from tokens(text)
    for sighting in in_addresses(text):
        if is_secret_word(text[sighting.start : sighting.end]):
            yield sighting
    yield from named(text)


def _apart(sightings: Iterator[Sighting]) -> list[Sighting]:
    """In order, with those that overlap made one; the first says what it looks like."""
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda sighting: (sighting.start, -sighting.end)):
        if kept and one.start < kept[-1].end:
            last = kept.pop()
            one = Sighting(last.start, max(last.end, one.end), last.looks)
        kept.append(one)
    return kept


def _instead(secret: str) -> str:
    """The marker, with as many lines as the secret had; comments stay comments."""
    rest = secret.split("\n")[1:]
    hashes = ["#" if line.lstrip(" \t").startswith("#") else "" for line in rest]
    return "\n".join([MARKER, *hashes])


def warnings(doc: Doc, found: list[Withheld]) -> list[Problem]:
    """What was taken out of this document."""
    first, last = _span(doc, found)
    return _told(found[first:last], lambda one: _field(doc, one))


def warnings_outside(documents: list[Doc], found: list[Withheld]) -> list[Problem]:
    """What was taken out of that which could not be read."""
    left, done = [], 0
    for doc in documents:
        first, last = _span(doc, found)
        left += found[done:first]
        done = last
    return _told([*left, *found[done:]], lambda one: ())


def _span(doc: Doc, found: list[Withheld]) -> tuple[int, int]:
    """From where to where the list is about this document."""
    end = doc.line + doc.text.count("\n") + 1
    first = bisect_left(found, doc.line, key=lambda one: one.line)
    return first, bisect_left(found, end, first, key=lambda one: one.line)


def _told(found: list[Withheld], field: Callable[[Withheld], Path]) -> list[Problem]:
    problems = [warning(one, field(one)) for one in found[:MOST]]
    if len(found) > MOST:
        message = f"{len(found) - MOST:,} more look like secrets. They are withheld."
        more = Problem("secret", message, REMEDY, WARNING)
        problems.append(more.placed("", found[MOST].line, found[MOST].column))
    return problems


def warning(one: Withheld, at: Path = ()) -> Problem:
    """The complaint; `at` is the field, where one holds it."""
    what = field_name(at) if at else "The text here"
    message = f"{what} holds what looks like {one.looks}. It is withheld."
    problem = Problem("secret", message, REMEDY, WARNING, at=at)
    return problem.placed("", one.line, one.column)


def warning_of_file(one: Withheld, name: str) -> Problem:
    """The complaint about a file that a document takes in."""
    message = (
        f"{name}, line {one.line}, column {one.column}, holds what looks like "
        f"{one.looks}. It is withheld."
    )
    return Problem("secret", message, REMEDY.replace("here", "there"), WARNING)


def _field(doc: Doc, one: Withheld) -> Path:
    """The field that holds the marker; none where a comment does."""
    at = doc.field_at(one.line, one.now)
    value: Any = doc.data
    for step in at:
        value = value[step]
    holds = isinstance(value, str) and MARKER in value
    return at if holds or (at and MARKER in str(at[-1])) else ()
