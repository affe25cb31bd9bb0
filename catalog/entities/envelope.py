"""A file to documents: split, decoded and read one by one, with their lines kept.

One broken document of a file leaves its neighbours readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from catalog import refs
from catalog.entities.dialect import build
from catalog.entities.problems import QUOTE_IT, Path, Problem
from catalog.entities.spellings import Remarks
from catalog.entities.unreadable import Unreadable, unreadable

MAX_BYTES = 16 * 1024 * 1024

MAX_DOCUMENTS = 50_000

_SPLIT = re.compile(
    r"^(?:---(?=[ \t\r\n]|$)|\.\.\.(?=[ \t\r]*(?:[ \t]#.*)?$))(?:[ \t\r]*\n)?",
    re.MULTILINE,
)
# Nothing but comments, blank lines and directives such as %YAML: what precedes a ---.
_PREAMBLE = re.compile(r"(?:%.*|[ \t\r]*(?:#.*)?)(?:\n(?:%.*|[ \t\r]*(?:#.*)?))*")

_NAMES = re.compile(
    r"""^[ \t]*(kind|namespace|name):[ \t]*["']?([-_.A-Za-z0-9]+)""", re.MULTILINE
)


@dataclass
class Doc:
    """One document: its own text, where it begins, and what it says.

    One that was made from something else knows the `origin` there; those of one `group`
    are taken together or not at all.
    """

    text: str
    line: int
    data: Any
    path: str = ""
    remarks: tuple[Problem, ...] = ()
    written: dict[Path, str] = field(default_factory=dict, repr=False)
    origin: Path | None = None
    group: str = ""
    _marks: dict[Path, tuple[int, int]] = field(default_factory=dict, repr=False)

    def place(self, at: Path) -> tuple[int, int]:
        """Line and column of a field, or of the nearest one around it."""
        marks = self._placed()
        while at not in marks:
            at = at[:-1]
        return marks[at]

    def stand_at(self, place: tuple[int, int]) -> None:
        """Every field stands at one place, because another text holds them."""
        self._marks = {(): place}

    def field_in_origin(self, at: Path) -> Path:
        """A field as the author knows it."""
        return at if self.origin is None else (*self.origin, *at[-1:])

    def as_written(self, problem: Problem) -> Problem:
        """The same, with a number as its author wrote it: 1.10, not 1.1."""
        text = self.written.get(problem.at)
        if text is None or not problem.remedy.startswith(QUOTE_IT):
            return problem
        return replace(problem, remedy=f'{QUOTE_IT}"{text}".')

    def field_at(self, line: int, column: int) -> Path:
        """The field that begins last before a place."""
        marks = self._placed()
        before = [at for at, place in marks.items() if place <= (line, column)]
        return max(before, key=lambda at: (marks[at], len(at)), default=())

    def _placed(self) -> dict[Path, tuple[int, int]]:
        if not self._marks:
            self._marks[()] = (self.line, 1)
            build(self.text, self.line, self._marks)
        return self._marks


@dataclass
class Reading:
    """What a file holds: its documents, and what could not be read."""

    documents: list[Doc]
    problems: list[Problem]


# Another form of documents: what a part becomes; None where it is not of that form.
Form = Callable[[str, int, str], Reading | None]


def read(raw: bytes | str, path: str = "", form: Form | None = None) -> Reading:
    """Read a file of one or more YAML documents. Never raises. `form` is asked about
    each part first."""
    reading = Reading([], [])
    try:
        text = decode(raw)
    except Unreadable as error:
        reading.problems.append(error.problem.placed(path, None, None))
        return reading
    for number, (part, line) in enumerate(parts(text)):
        if number == MAX_DOCUMENTS:
            reading.problems.append(_too_many(path, line))
            break
        other = form(part, line, path) if form else None
        if other is not None:
            reading.documents += other.documents
            reading.problems += other.problems
            continue
        try:
            remarks = Remarks()
            data = build(part, line, None, remarks)
        except Unreadable as error:
            problem = replace(error.problem, subject=_guess_subject(part))
            reading.problems.append(
                problem.placed(path, problem.line or line, problem.column)
            )
        else:
            if data is not None:
                reading.documents.append(
                    Doc(part, line, data, path, remarks.problems(), remarks.written)
                )
    return reading


def _too_many(path: str, line: int) -> Problem:
    return Problem(
        "too-complex",
        f"The file holds more than {MAX_DOCUMENTS:,} documents; the rest is not read.",
        "Split it into several files.",
    ).placed(path, line, 1)


def _guess_subject(text: str) -> str:
    """The reference that a broken document was probably about, or empty."""
    found: dict[str, str] = {}
    for match in _NAMES.finditer(text):
        found.setdefault(match[1], match[2])
    if not ("kind" in found and "name" in found):
        return ""
    space = found.get("namespace", refs.DEFAULT_NAMESPACE)
    return str(refs.Ref(found["kind"], space, found["name"]))


def decode(raw: bytes | str) -> str:
    """A file as text. Raises Unreadable."""
    if len(raw) > MAX_BYTES:
        size = f"{len(raw) / 1024 / 1024:.0f} MB"
        raise unreadable(
            "too-large",
            f"The file is {size}; at most {MAX_BYTES // 1024 // 1024} MB are read.",
            "Split it into several files.",
        )
    if isinstance(raw, str):
        return raw.removeprefix("\ufeff")
    marked_utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return raw.decode("utf-16" if marked_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(
            "encoding",
            f"The file is not UTF-8 text: byte {error.start + 1} is "
            f"0x{raw[error.start]:02x}.",
            "Save it as UTF-8, or leave it out of the catalog folder.",
        ) from error


def parts(text: str) -> Iterator[tuple[str, int]]:
    """The text of each document, with its first line. Separators belong to none."""
    start, line = 0, 1
    for match in _SPLIT.finditer(text):
        part = text[start : match.start()]
        if part and not (match[0].startswith("---") and _PREAMBLE.fullmatch(part)):
            yield part, line
        line += text.count("\n", start, match.end())
        start = match.end()
    yield text[start:], line
