"""Which values of a column a clause means: no capitals count, `*` is any rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from fnmatch import translate

from catalog import refs
from catalog.query.language.criterion import ANY, NONE
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Remark, Scope
from catalog.query.language.wrong import Wrong, near

_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|min|m|h|d|w|y)", re.IGNORECASE)
# What would be read as something else if it stood without quotation marks.
_UNPLAIN = re.compile(r'[\s()",]|^(?:[<>=]|//)|^(?:AND|OR|NOT)$')
_MOST_REMARKS = 5
# With more values than that it pays to look at the whole column once.
_FEW = 4
# A field with its operator.
_BEGUN = re.compile(r"[\w./-]+\s*(?:!=|:|=)")
_SECONDS = {
    "s": 1, "min": 60, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600
}  # fmt: skip


def union(
    scope: Scope, column: Mapping[str, int], values: Iterable[str], none: int
) -> int:
    """Who has one of these values. `none` are those without any; `any` is the rest.
    Where something that is seen has a value of that name, the value is meant."""
    found, known = 0, Spellings(column)
    for value in values:
        folded = value.casefold()
        if folded == NONE and not column.get(NONE, 0) & scope.seen:
            found |= none
        elif folded == ANY and not column.get(ANY, 0) & scope.seen:
            found |= ~none
        else:
            for one in known.of(value):
                found |= column[one]
    return found & scope.seen


class Spellings:
    """The values of a column by how they are spelled, for asking for many."""

    def __init__(self, column: Iterable[str]) -> None:
        self._column = column
        self._folded: dict[str, list[str]] = {}
        self._asked = 0

    def of(self, value: str) -> list[str]:
        """The values that this one means."""
        self._asked += 1
        if "*" in value or self._asked < _FEW:
            return spelled(self._column, value)
        if not self._folded:
            for known in self._column:
                self._folded.setdefault(known.casefold(), []).append(known)
        return self._folded.get(value.casefold(), [])


def without(
    scope: Scope, column: Mapping[str, int], empty: Iterable[str] = ("",)
) -> int:
    """Who has no value, or one of those that say so."""
    having = 0
    for value, bits in column.items():
        having |= 0 if value in empty else bits
    return scope.seen & ~having


def spelled(column: Iterable[str], value: str) -> list[str]:
    """The values that this one means; `*` means any but the empty one."""
    wanted = value.casefold()
    if "*" in wanted:
        fits = re.compile(translate(wanted.replace("[", "[[]").replace("?", "[?]")))
        return [known for known in column if known and fits.match(known.casefold())]
    return [known for known in column if known.casefold() == wanted]


def means(ref: str, value: str) -> bool:
    """Does a value mean this reference: whole, short, or only its name?"""
    return bool(spelled((ref, refs.short(ref), ref.rpartition("/")[2]), value))


def remark_unknown(scope: Scope, clause: Clause, counts: Mapping[str, int]) -> None:
    """Say which values of a clause nothing has, and which was probably meant; the first
    few, because who sends hundreds asks for no advice."""
    known = Spellings(counts)
    for value in clause.values:
        if len(scope.remarks) >= _MOST_REMARKS:
            return
        if value.casefold() in (NONE, ANY) or known.of(value):
            continue
        said = f"Nothing has {clause.field}:{value}."
        offers = tuple(
            (f"Try {clause.field}:{quoted(one)}", _instead(scope, clause, value, one))
            for one in _meant(value, counts)[:1]
        )
        scope.remarks.append(Remark(said, offers))


def _meant(value: str, counts: Mapping[str, int]) -> list[str]:
    """What a value that nothing has was meant to be: a reference by its name alone, or
    a slip."""
    named = (f":{value.casefold()}", f"/{value.casefold()}")
    return [one for one in counts if one.endswith(named)] or near(value, counts)


def _instead(scope: Scope, clause: Clause, value: str, meant: str) -> str:
    """The query with one value of a clause replaced."""
    typed = scope.text[clause.start : clause.end]
    begun = _BEGUN.match(typed)
    values = (quoted(meant if one == value else one) for one in clause.values)
    written = f"{begun[0] if begun else ''}{','.join(values)}"
    return scope.text[: clause.start] + written + scope.text[clause.end :]


def quoted(value: str) -> str:
    """A value as it has to be written."""
    if value and not _UNPLAIN.search(value):
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
