"""What stands in the spec of a document, and the stage of versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from django.db import connection

from catalog.entities import generation, sql
from catalog.query.building import column_of
from catalog.query.columns import as_bits
from catalog.query.language.criterion import ANY, NONE, ORDERED, Criterion
from catalog.query.language.matching import (
    compare,
    remark_unknown,
    spelled,
    union,
    without,
)
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth
from catalog.query.language.wrong import Wrong

PRODUCTION = "production"
# From here on SQLite keeps no whole numbers.
_LARGE = 2.0**63
_PATH = re.compile(r"[A-Za-z0-9_-]{1,60}(\.[A-Za-z0-9_-]{1,60}){0,5}")
_VALUES: generation.Cache[list[tuple[int, str]]] = generation.Cache(limit=50)
_SQLITE = (
    "SELECT e.identity_id, j.fullkey, j.atom, j.type FROM entities_entity e, "
    "json_tree(e.final, %s) j WHERE j.atom IS NOT NULL"
)
_POSTGRES = (
    "SELECT e.identity_id, v.value #>> '{}', jsonb_typeof(v.value) "
    "FROM entities_entity e, LATERAL "
    "jsonb_path_query(e.final::jsonb, CAST(%s AS jsonpath)) AS v(value) "
    "WHERE jsonb_typeof(v.value) NOT IN ('object', 'array', 'null')"
)


def values_at(path: str) -> list[tuple[int, str]]:
    """(entity key, text) of every value at a path of the spec, through lists."""
    return _VALUES.get(path, lambda: list(_read(path)))


def _read(path: str) -> Iterator[tuple[int, str]]:
    steps = path.split(".")
    if connection.vendor == "postgresql":
        # Each [*] goes through a list, and a single value is one of one.
        named = "".join(f'."{step}"[*][*][*]' for step in steps)
        for key, text, sort in sql.rows(_POSTGRES, [f"lax $.spec{named}"]):
            yield key, _number(text) if sort == "number" else text
        return
    # A name with a dot in it is in quotation marks, and no place of two names.
    place = re.compile(
        r"\$\.spec" + "".join(rf'\.(?:{one}|"{one}")(?:\[\d+\])*' for one in steps)
    )
    for key, where, atom, sort in sql.rows(_SQLITE, [f'$.spec."{steps[0]}"']):
        if place.fullmatch(where):
            plain = _number(str(atom)) if sort in ("integer", "real") else str(atom)
            yield key, sort if sort in ("true", "false") else plain


def _number(text: str) -> str:
    """A number as both databases tell it: 100 for 100.0, and 1e+20 for a large one."""
    whole, number = text.lstrip("-").isdigit(), float(text)
    if abs(number) < _LARGE and (whole or number.is_integer()):
        return str(int(text) if whole else int(number))
    return str(number)


def _spec(scope: Scope, clause: Clause) -> Truth:
    path = clause.field.partition(".")[2]
    if not _PATH.fullmatch(path):
        said = f"“spec.{path}” is no place in a document."
        hint = "Write names with dots between them: spec.versions.stage."
        raise Wrong(said, clause.start, clause.end, hint)
    return Truth(_fitting(scope, clause, values_at(path)))


def _fitting(scope: Scope, clause: Clause, pairs: list[tuple[int, str]]) -> int:
    if clause.op != ":":
        wanted, fits = clause.values[0], _ordering(clause.op, clause.values[0])
        return scope.at_keys(key for key, value in pairs if fits(value, wanted))
    position, size = scope.table.position, len(scope.table.keys)
    column = column_of(
        ((position[key], value) for key, value in pairs if key in position), size
    )
    found = union(scope, column, clause.values, without(scope, column, ()))
    remark_unknown(scope, clause, scope.counted(column))
    return found


def _ordering(op: str, wanted: str) -> Callable[[str, str], bool]:
    """Numbers are compared as numbers; days and other texts letter by letter."""
    fits = compare(op)

    def ordered(value: str, _: str) -> bool:
        with suppress(ValueError):
            return fits(float(value), float(wanted))
        texts: Any = (value.casefold(), wanted.casefold())
        return fits(*texts)

    return ordered


def staged(scope: Scope, stage: str) -> int:
    """Who is at a stage: by its versions where it has any, else by its lifecycle."""
    pairs = values_at("versions.stage")
    versioned = scope.at_keys(key for key, _ in pairs)
    at_it = scope.at_keys(key for key, v in pairs if spelled((v,), stage))
    column = scope.table.bits["lifecycle"]
    living = as_bits((), 0)
    for known in spelled(column, stage):
        living |= column[known]
    return at_it | living & ~versioned & scope.seen


def _stage(scope: Scope, clause: Clause) -> Truth:
    found = 0
    for value in clause.values:
        at_it = staged(scope, value)
        if not at_it and value.casefold() in (NONE, ANY):
            some = staged(scope, "*")
            at_it = some if value.casefold() == ANY else scope.seen & ~some
        found |= at_it
    if not found:
        remark_unknown(scope, clause, _stages(scope))
    return Truth(found)


def _stages(scope: Scope) -> dict[str, int]:
    names = {value for _, value in values_at("versions.stage")}
    names |= set(scope.counted(scope.table.bits["lifecycle"])) - {""}
    found = {name: staged(scope, name).bit_count() for name in sorted(names)}
    return {name: n for name, n in found.items() if n}


def criteria() -> list[Criterion]:
    """All of this file."""
    return [
        Criterion(
            "stage",
            "Stage",
            "Of a model: one of its versions is at this stage. Of everything without "
            "versions: its lifecycle.",
            _stage,
            ("stage:production", "stage:staging"),
            choices=_stages,
        ),
        Criterion(
            "spec.",
            "Spec",
            "What stands at a place of the spec, through lists; with > and < in order.",
            _spec,
            ("spec.license:MIT", "spec.languages:de", "spec.versions.released<2026"),
            ORDERED,
            is_open=True,
        ),
    ]
