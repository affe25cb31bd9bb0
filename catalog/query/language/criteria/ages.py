"""Ages: how long ago something was, of whom that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.query.language.criterion import ANY, NONE, Criterion
from catalog.query.language.matching import compare, length
from catalog.query.language.nodes import Clause
from catalog.query.language.scope import Scope, Truth
from catalog.query.language.wrong import Wrong

# Seconds since 1970 by entity key; who has no such moment is not in it.
Moments = Mapping[int, float]
_ORDER = (">", ">=", "<", "<=")
_STORED: generation.Cache[Moments] = generation.Cache(limit=20)


def age(
    name: str,
    title: str,
    help_: str,
    moments: Callable[[], Moments],
    group: str = "Ages",
) -> Criterion:
    """A criterion about moments. Who has none is not known: neither older nor younger
    than anything."""
    examples = (f"{name}>30d", f"{name}<12h", f"{name}:none")
    find = partial(_find, moments)
    return Criterion(name, title, help_, find, examples, (*_ORDER, ":"), group=group)


def _find(moments: Callable[[], Moments], scope: Scope, clause: Clause) -> Truth:
    known = moments()
    having = scope.at_keys(known)
    unknown = scope.seen & ~having
    if clause.op == ":":
        return _presence(clause, having, unknown)
    # As seconds: a hundred thousand years ago there was no date.
    border = scope.now.timestamp() - length(clause).total_seconds()
    fits = compare(_turned(clause.op))
    keys = [key for key, at in known.items() if fits(at, border)]
    return Truth(scope.at_keys(keys), unknown)


def _presence(clause: Clause, having: int, unknown: int) -> Truth:
    found = 0
    for value in clause.values:
        if value.casefold() not in (NONE, ANY):
            said = f"An age is compared, not equal to “{value}”."
            hint = (
                f"Write {clause.field}>30d, {clause.field}<12h or {clause.field}:none."
            )
            instead = tuple(f"{clause.field}{op}{value}" for op in "><")
            raise Wrong(said, clause.start, clause.end, hint, instead)
        found |= unknown if value.casefold() == NONE else having
    return Truth(found)


def _turned(op: str) -> str:
    """The greater the age, the smaller the moment."""
    return op.translate(str.maketrans("<>", "><"))


def _stored(column: str) -> Moments:
    def make() -> Moments:
        rows = Entity.objects.exclude(**{column: None}).values_list("pk", column)
        return {key: at.timestamp() for key, at in rows}

    return _STORED.get(column, make)


def criteria() -> list[Criterion]:
    """All of this file."""
    return [
        age(
            "changed.age",
            "Changed",
            "Since its document last changed.",
            partial(_stored, "changed_at"),
        ),
        age(
            "created.age",
            "Created",
            "Since it came into the catalog.",
            partial(_stored, "created_at"),
        ),
        age(
            "orphan.age",
            "Orphaned",
            "Since it vanished from its source.",
            partial(_stored, "orphan_since"),
        ),
        # Until a room collects runs and registers its moments here.
        age(
            "eval.age",
            "Evaluated",
            "Since its last eval run. Greenroom collects no runs yet, so it is not "
            "known of anything.",
            dict,
        ),
    ]
