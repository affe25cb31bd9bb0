"""Which values of a column a clause means: no capitals count, `*` is any rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from fnmatch import translate

from catalog.query.language.criterion import ANY, NONE
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Remark, Scope
from catalog.query.language.wrong import Wrong, near

_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|min|m|h|d|w|y)", re.IGNORECASE)
_SECONDS = {
    "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600
}  # fmt: skip


def union(
    scope: Scope, column: Mapping[str, int], values: Iterable[str], none: int
) -> int:
    """Who has one of these values. `none` are those without any; `any` is the rest."""
    found = 0
    for value in values:
        if value.casefold() == NONE and NONE not in column:
            found |= none
        elif value.casefold() == ANY and ANY not in column:
            found |= ~none
        else:
            for known in spelled(column, value):
                found |= column[known]
    return found & scope.seen


def without(
    scope: Scope, column: Mapping[str, int], empty: Iterable[str] = ("",)
) -> int:
    """Who has no value, or one of those that say so."""
    having = 0
    for value, bits in column.items():
        having |= 0 if value in empty else bits
    return scope.seen & ~having


def spelled(column: Iterable[str], value: str) -> list[str]:
    """The values that this one means."""
    wanted = value.casefold()
    if "*" in wanted:
        fits = re.compile(translate(wanted.replace("[", "[[]").replace("?", "[?]")))
        return [known for known in column if fits.match(known.casefold())]
    return [known for known in column if known.casefold() == wanted]


def remark_unknown(scope: Scope, clause: Clause, counts: Mapping[str, int]) -> None:
    """Say which values of a clause nothing has, and which was probably meant."""
    for value in clause.values:
        if value.casefold() in (NONE, ANY) or spelled(counts, value):
            continue
        said = f"Nothing has {clause.field}:{value}."
        meant = [f"{clause.field}:{quoted(one)}" for one in near(value, counts)[:1]]
        before, after = scope.text[: clause.start], scope.text[clause.end :]
        offers = tuple((f"Try {one}", f"{before}{one}{after}") for one in meant)
        scope.remarks.append(Remark(said, offers))


def quoted(value: str) -> str:
    """A value as it has to be written."""
    if value and not re.search(r'[\s()",]', value):
        return value
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def number(clause: Clause) -> float:
    """The number that a clause compares with. Raises Wrong."""
    try:
        return float(_single(clause))
    except ValueError:
        raise _unfit(clause, "is no number", f"{clause.field}{clause.op}3") from None


def length(clause: Clause) -> timedelta:
    """The age that a clause compares with. Raises Wrong."""
    found = _LENGTH.fullmatch(_single(clause))
    if not found:
        hint = f"{clause.field}{clause.op}30d (s, min, h, d, w, y)"
        raise _unfit(clause, "is no length of time", hint)
    return timedelta(seconds=float(found[1]) * _SECONDS[found[2].lower()])


def compare(op: str) -> Callable[[float, float], bool]:
    """The comparison that an operator means."""
    return {
        ":": lambda a, b: a == b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
    }[op]


def _single(clause: Clause) -> str:
    if len(clause.values) > 1:
        raise _unfit(clause, "are several values", f"{clause.field}>3", "Compare one")
    return clause.values[0]


def _unfit(clause: Clause, what: str, example: str, do: str = "Write") -> Wrong:
    said = f"“{','.join(clause.values)}” {what}."
    start = clause.end - len(",".join(clause.values))
    return Wrong(said, max(clause.start, start), clause.end, f"{do}: {example}.")
