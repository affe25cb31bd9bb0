"""A model catalog in a text: known, checked, and made into documents, or into nothing.

One violation refuses it whole. Each is told with its JSON pointer and, where the text
can be followed, its line and column.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from catalog.entities import dialect, secrecy, validation
from catalog.entities.envelope import Doc, Reading
from catalog.entities.problems import WARNING, Path, Problem, did_you_mean
from catalog.entities.secrecy import Withheld
from catalog.entities.unreadable import Unreadable
from catalog.sources.model_catalog import building, shape, single
from catalog.sources.model_catalog.building import Made

_KEYS = ("models", "modelServer")
_MOST_PROBLEMS = 1000
Marks = dict[Path, tuple[int, int]]


class Twice(dict[str, Any]):
    """An object of which a key stands twice."""

    twice: tuple[str, ...] = ()


def is_catalog(data: Any) -> bool:
    """Is this a model catalog, even if it is broken?"""
    if not isinstance(data, dict) or "apiVersion" in data or "kind" in data:
        return False
    return any(key in data or bool(_near(key, data)) for key in _KEYS)


def is_known(data: Any) -> bool:
    """Is it a model catalog, in either of its shapes?"""
    return is_catalog(data) or single.is_single(data)


def _near(key: str, data: dict[str, Any]) -> str:
    return did_you_mean(key, data) if len(data) <= len(_KEYS) + 1 else ""


def read(part: str, line: int = 1, path: str = "") -> Reading | None:
    """The documents that a text becomes, or what is wrong with it; None where it is no
    model catalog. `line` is the line of its file that it begins in."""
    marks: Marks = {}
    if part.lstrip()[:1] == "{":
        data, problem = parsed(part)
        if problem is not None:
            return _refused([problem], line, path, marks) if _looks(part) else None
    elif single.TYPE in part or single.KIND in part:
        data = _built(part, line, marks)
    else:
        return None
    if is_catalog(data):
        found, make = shape.check(data), _entities
    elif single.is_single(data):
        found, make = single.check(data), single.entities
    else:
        return None
    _built(part, line, marks)
    if any(problem.is_error for problem in found):
        return _refused(found, line, path, marks)
    return _documents(data, found, make, (line, path, marks))


def _entities(data: Any) -> list[Made]:
    return building.entities(data)


def _looks(part: str) -> bool:
    """Was a text that is no JSON meant as a model catalog?"""
    keys = any(f'"{key}"' in part for key in _KEYS)
    return keys and '"apiVersion"' not in part


def parsed(text: str) -> tuple[Any, Problem | None]:
    """The value of a JSON text, or why it is none."""
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number
        ), None
    except json.JSONDecodeError as error:
        said = f"is no JSON: {error.msg}, in line {error.lineno}, column {error.colno}."
        problem = shape.complaint((), said, "Correct it there.")
        return None, replace(problem, line=error.lineno, column=error.colno)
    except (ValueError, RecursionError) as error:
        said = f"cannot be read: {str(error)[:100]}."
        return None, shape.complaint((), said, "Write plain JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    counted = Counter(key for key, _ in pairs)
    told = Twice(found)
    told.twice = tuple(key for key, number in counted.items() if number > 1)
    return told


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")


def _built(part: str, line: int, marks: Marks) -> Any:
    """The same as YAML, for the places of its fields; some JSON cannot be read so."""
    marks.clear()
    try:
        return dialect.build(part, line, marks)
    except Unreadable:
        marks.clear()
        return None


def _refused(problems: list[Problem], line: int, path: str, marks: Marks) -> Reading:
    told = [_placed(one, line, path, marks) for one in problems[:_MOST_PROBLEMS]]
    if len(problems) > len(told):
        number = len(problems) - len(told)
        more = Problem("more", f"There are {number:,} more complaints.", "")
        told.append(more.placed(path, line, 1))
    return Reading([], told)


def _placed(problem: Problem, line: int, path: str, marks: Marks) -> Problem:
    if problem.line is not None:
        return problem.placed(path, problem.line + line - 1, problem.column)
    return problem.placed(path, *_place(problem.at, line, marks))


def _place(at: Path, line: int, marks: Marks) -> tuple[int, int]:
    while at and at not in marks:
        at = at[:-1]
    return marks.get(at, (line, 1))


def _documents(
    data: Any,
    found: list[Problem],
    make: Callable[[Any], list[Made]],
    where: tuple[int, str, Marks],
) -> Reading:
    """Every document and the warnings; or only problems, where one is not valid."""
    line, path, marks = where
    remarks = list(building.remarks(data)) if is_catalog(data) else []
    reading, broken = Reading([], []), []
    for made in make(data):
        doc, problems = _document(made, _place(made.at, line, marks))
        broken += [one for one in problems if one.is_error]
        remarks += [one for one in problems if not one.is_error]
        doc.path, doc.group = path, f"{path}:{line}"
        reading.documents.append(doc)
    if broken:
        return _refused([*broken, *found, *remarks], line, path, marks)
    told = [*found, *remarks]
    reading.problems = _refused(told, line, path, marks).problems
    return reading


def _document(made: Made, place: tuple[int, int]) -> tuple[Doc, list[Problem]]:
    """One entity as a document at a place of the text it came from."""
    text, withheld = secrecy.withhold(dialect.write(made.data))
    doc = Doc(text, place[0], None, origin=made.at)
    doc.stand_at(place)
    problems = [_late(one, made.at) for one in withheld]
    try:
        doc.data = dialect.build(text, 1, None)
    except Unreadable as error:
        said = f"cannot be kept: {error.problem.message}"
        return doc, [shape.complaint(made.at, said, error.problem.remedy)]
    complaints = validation.check(doc.data)
    problems += [_of_origin(one, made.at) for one in complaints if one.is_error]
    return doc, problems


def _of_origin(problem: Problem, at: Path) -> Problem:
    """A complaint about an entity, at the object that it came from."""
    step = problem.at[1:]
    said = f"cannot be taken: {problem.message}"
    return shape.complaint((*at, *step), said, problem.remedy)


def _late(one: Withheld, at: Path) -> Problem:
    said = f"holds what looks like {one.looks}, in escapes. It is withheld."
    return shape.complaint(at, said, secrecy.REMEDY, WARNING)
