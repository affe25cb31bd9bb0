"""`$text`, `$json` and `$yaml`: a file beside the document, written into it.

An object with exactly one of these keys stands for the content of the file that it
names. What comes in is not looked through again. Keys of other tools, such as
`$openapi`, stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from catalog.entities import dialect, envelope
from catalog.entities.dialect import MAX_DEPTH
from catalog.entities.envelope import Doc
from catalog.entities.problems import Path, Problem
from catalog.sources.provider import SourceError

KEYS = ("$text", "$json", "$yaml")
MOST = 50
# A path that a document names, to the bytes it means. Raises SourceError.
Include = Callable[[str], bytes]


class Broken(Exception):
    """A placeholder that brings nothing; the message is for people."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def fill(doc: Doc, include: Include) -> list[Problem]:
    """Write the named files into a document; what could not be had, with its place.

    A document that was filled gets a text that holds all of it, so that its history
    and its export need no other file. Its places stay those of the file.
    """
    problems = []
    filled = False
    for number, at in enumerate(list(_placeholders(doc.data))):
        try:
            if number >= MOST:
                raise Broken(
                    f"The document has more than {MOST} placeholders.",
                    "Write some of them out.",
                )
            filled = True
            if _is_one(_at(doc.data, at)):  # An alias may have been filled already.
                _put(doc, at, _content(_at(doc.data, at), include))
        except Broken as error:
            problem = Problem("placeholder", error.message, error.remedy, at=at)
            problems.append(problem.placed(doc.path, *doc.place(at)))
    problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
    if filled and not problems:
        doc.place(())
        doc.text = dialect.write(doc.data)
    return problems


def _placeholders(data: Any) -> Iterator[Path]:
    """Where in the document a placeholder stands."""
    left: list[tuple[Path, Any]] = [((), data)]
    while left:
        at, value = left.pop()
        if isinstance(value, dict):
            if at and _is_one(value):
                yield at
            else:
                left += [((*at, key), inner) for key, inner in value.items()]
        elif isinstance(value, list):
            left += [((*at, index), inner) for index, inner in enumerate(value)]


def _is_one(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in KEYS


def _content(placeholder: dict[str, Any], include: Include) -> Any:
    ((key, target),) = placeholder.items()
    if not isinstance(target, str) or not target:
        raise Broken(f"{key} names no file.", "Write the path of a file beside this.")
    try:
        raw = include(target)
    except SourceError as error:
        raise Broken(f"{key}: {error.message}", error.remedy) from error
    return _READERS[key](raw, target)


def _text(raw: bytes, target: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Broken(
            f"{target} is not UTF-8 text: byte {error.start + 1} is "
            f"0x{raw[error.start]:02x}.",
            "Save it as UTF-8.",
        ) from error
    if "\0" in text:
        raise Broken(f"{target} holds the character U+0000.", "Name a text file.")
    return text


def _json(raw: bytes, target: str) -> Any:
    text = _text(raw, target)
    try:
        value = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise Broken(f"{target} is nested too deep.", "Write it flatter.") from error
    except json.JSONDecodeError as error:
        raise Broken(
            f"{target} is no JSON: {error.msg}, line {error.lineno}, "
            f"column {error.colno}.",
            "Mend that file.",
        ) from error
    if _depth(value) > MAX_DEPTH:
        raise Broken(
            f"{target} is nested deeper than {MAX_DEPTH} levels.", "Write it flatter."
        )
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [inner for outer in level for inner in _inside(outer)]
    return depth


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _no_number(name: str) -> Any:
    raise Broken(f"{name} is a number that JSON does not have.", "Write another.")


def _yaml(raw: bytes, target: str) -> Any:
    reading = envelope.read(raw, target)
    for problem in reading.problems:
        where = f", line {problem.line}" if problem.line else ""
        raise Broken(f"{target}{where}: {problem.message}", problem.remedy)
    if len(reading.documents) > 1:
        raise Broken(
            f"{target} holds {len(reading.documents)} documents.", "Keep one of them."
        )
    return reading.documents[0].data if reading.documents else None


_READERS: dict[str, Callable[[bytes, str], Any]] = {
    "$text": _text,
    "$json": _json,
    "$yaml": _yaml,
}


def _at(data: Any, at: Path) -> Any:
    for step in at:
        data = data[step]
    return data


def _put(doc: Doc, at: Path, value: Any) -> None:
    _at(doc.data, at[:-1])[at[-1]] = value
