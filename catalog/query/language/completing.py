"""Completion: what may stand where somebody types, with how many have each value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.entities.viewer import Viewer
from catalog.query.language.criterion import Criterion
from catalog.query.language.known import all_criteria, criterion_of
from catalog.query.language.matching import quoted
from catalog.query.language.scope import Scope

MOST = 12
# Offered before anything is typed: what most questions begin with.
_FIRST = ("kind", "owner", "status", "tag", "lifecycle", "is", "has")
# Read from the beginning and never going back: nobody's text may take long.
_TOKEN = re.compile(r'(?:[^\s()"]|"(?:[^"\\]|\\.?)*"?)+', re.DOTALL)
_CLAUSE = re.compile(
    r"(?P<field>[A-Za-z][\w./-]*)(?P<op>:(?:>=|<=|>|<)?|>=|<=|!=|>|<|=)(?P<rest>.*)",
    re.DOTALL,
)
# Parts of a list of values: what is quoted may hold commas.
_PART = re.compile(r'"(?:[^"\\]|\\.?)*"?|,|[^,"]+', re.DOTALL)
_EQUAL = (":", "=", "!=")


@dataclass(frozen=True)
class Option:
    """What choosing puts in place of `text[start:end]`, and what is said of it.
    `goes_on` is true where a value has to follow."""

    insert: str
    start: int
    end: int
    title: str
    detail: str = ""
    goes_on: bool = False


def complete(text: str, at: int, viewer: Viewer) -> list[Option]:
    """The options at a place of a query, the likeliest first. Nothing is refused."""
    typed, clause = _typed(text[:at])
    if clause is None:
        return list(_fields(typed, at - len(typed), at))[:MOST]
    criterion = criterion_of(clause["field"])
    if criterion is None or clause["op"] not in _EQUAL:
        return []
    return list(_values(criterion, typed, at - len(typed), at, viewer))[:MOST]


def _typed(before: str) -> tuple[str, re.Match[str] | None]:
    """The value that is being typed, and its condition; or a word, and None."""
    tokens = [*_TOKEN.finditer(before)]
    is_typed = bool(tokens) and tokens[-1].end() == len(before)
    word = tokens.pop()[0] if is_typed else ""
    clause = _CLAUSE.fullmatch(word.lstrip("-"))
    if clause:
        return _last_value(clause["rest"]), clause
    # A value may stand apart from its field: `kind: model`.
    apart = _CLAUSE.fullmatch(tokens[-1][0].lstrip("-")) if tokens else None
    between = before[tokens[-1].end() : len(before) - len(word)] if tokens else ""
    if apart and not apart["rest"] and not between.strip():
        return _last_value(word), apart
    return word.lstrip("-"), None


def _last_value(values: str) -> str:
    """What stands after the last comma of a list."""
    start = 0
    for part in _PART.finditer(values):
        if part[0] == ",":
            start = part.end()
    return values[start:]


def _fields(typed: str, start: int, end: int) -> Iterator[Option]:
    every = {one.name: one for one in all_criteria()}
    if not typed:
        found = [every[name] for name in _FIRST if name in every]
    else:
        wanted = typed.lower()
        begins = [one for one in every.values() if one.name.lower().startswith(wanted)]
        holds = [
            one
            for one in every.values()
            if one not in begins and len(wanted) > 1 and wanted in one.name.lower()
        ]
        found = begins + holds
    for one in found:
        sign = "" if one.is_open else ":" if ":" in one.examples[0] else ">"
        yield Option(f"{one.name}{sign}", start, end, one.name, one.help, goes_on=True)


def _values(
    criterion: Criterion, typed: str, start: int, end: int, viewer: Viewer
) -> Iterator[Option]:
    if criterion.choices is None:
        return
    plain = re.sub(r"\\(.)", r"\1", typed) if typed.startswith('"') else typed
    wanted = plain.strip('"').casefold()
    counts = criterion.choices(Scope.of(viewer))
    order = sorted(counts, key=lambda v: (-counts[v], v.casefold()))
    begins = [value for value in order if _begins(value, wanted)]
    holds = [v for v in order if v not in begins and wanted in v.casefold()]
    for value in begins + holds:
        yield Option(quoted(value), start, end, value, f"{counts[value]:,}")


def _begins(value: str, wanted: str) -> bool:
    """References by their kind or by their name."""
    folded = value.casefold()
    return folded.startswith(wanted) or folded.partition(":")[2].startswith(wanted)
