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
_TOKEN = re.compile(r'-?(?:[^\s()"]|"(?:[^"\\]|\\.)*"?)*$')
_CLAUSE = re.compile(
    r"(?P<field>[A-Za-z][\w./-]*)\s*(?P<op>>=|<=|!=|:|>|<|=)(?P<rest>.*)"
)


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
    before = text[:at]
    token = _TOKEN.search(before)
    typed = token[0].removeprefix("-") if token else ""
    start = at - len(typed)
    clause = _CLAUSE.fullmatch(typed)
    if clause is None:
        return list(_fields(typed, start, at))[:MOST]
    criterion = criterion_of(clause["field"])
    if criterion is None:
        return []
    last = clause["rest"].rpartition(",")[2]
    return list(_values(criterion, last, at - len(last), at, viewer))[:MOST]


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
    wanted = typed.strip('"').casefold()
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
