"""What a source may declare, and who may see it at most.

A source's limits are an administrator's: no document can go beyond them. A document
narrows who sees it, and never widens what its source allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalog import refs
from catalog.entities import decisions, validation
from catalog.entities.models import Entity
from catalog.entities.problems import WARNING, Problem, did_you_mean
from catalog.kind import KINDS
from catalog.sources.models import Source

PEOPLE = ("Group", "User")
_AT = ("metadata", "annotations", decisions.VISIBILITY)


@dataclass(frozen=True)
class Sight:
    """Who may see an entity: a value of Entity.audience, and who is named where it is
    restricted."""

    audience: str
    principals: tuple[str, ...] = ()


def refusal(source: Source, data: dict[str, Any], namespace: str) -> Problem | None:
    """Why this source may not declare such a document, or None."""
    kind = data["kind"]
    kinds, namespaces = source.kinds.split(), source.namespaces.split()
    if kinds and kind.lower() not in {name.lower() for name in kinds}:
        return Problem(
            "not-allowed",
            f"A {kind} may not be declared by {source.name or 'this source'}.",
            f"It may declare {_listed(kinds)}. An administrator can allow more.",
            at=("kind",),
        )
    if namespaces and namespace not in namespaces:
        return Problem(
            "not-allowed",
            f"{source.name or 'This source'} may not declare in the namespace "
            f"{namespace!r}.",
            f"It may use {_listed(namespaces)}. An administrator can allow more.",
            at=("metadata", "namespace"),
        )
    return None


def sight_of(source: Source, data: dict[str, Any]) -> Sight:
    """Who may see a valid document of this source: the narrower of the two."""
    own, widest = _declared(_visibility(data)), ceiling_of(source)
    if widest.audience == Entity.PUBLIC or own.audience == Entity.RESTRICTED:
        return own
    if widest.audience == Entity.SIGNED_IN:
        return Sight(Entity.SIGNED_IN)
    return widest


def ceiling_of(source: Source) -> Sight:
    """Who may see anything of this source at all."""
    return _declared(source.widest or Entity.PUBLIC)


def widening(source: Source, data: dict[str, Any]) -> Problem | None:
    """A warning where a document asks to be seen by more than its source allows."""
    asked = _visibility(data)
    if not asked:  # Most say nothing, and an import asks this of every one.
        return None
    wanted, given = _declared(asked), sight_of(source, data)
    if wanted.audience == Entity.RESTRICTED or wanted == given:
        return None
    return Problem(
        "narrowed",
        f"{decisions.VISIBILITY} is {wanted.audience}, and the source shows its "
        f"entities at most to {source.widest}.",
        "The narrower of the two holds. An administrator can widen the source.",
        WARNING,
        _AT,
        wanted.audience,
    )


def check(source: Source) -> dict[str, str]:
    """What is wrong with the limits of a source: a sentence by field."""
    found = {}
    known_kinds = {name.lower() for name in KINDS}
    for name in source.kinds.split():
        if name.lower() not in known_kinds:
            known = ", ".join(sorted(KINDS))
            hint = did_you_mean(name, KINDS) or f"Known are {known}."
            found["kinds"] = f"There is no kind {name!r}. {hint}"
    for name in source.namespaces.split():
        if not refs.DNS_LABEL.fullmatch(name):
            found["namespaces"] = (
                f"{name!r} is no namespace: use lower-case letters, digits and dashes."
            )
    try:
        ceiling_of(source)
    except refs.RefError as error:
        found["widest"] = f"{error}. Write public, signed-in, or groups and users."
    return found


def _visibility(data: dict[str, Any]) -> str:
    annotations = data["metadata"].get("annotations") or {}
    value: str = annotations.get(decisions.VISIBILITY, "")
    return value.strip()


def _declared(value: str) -> Sight:
    """A visibility as it is written. Raises RefError where it names something else."""
    if not value:
        return Sight(Entity.SIGNED_IN)
    named = sorted(set(validation.principals(value)))
    return Sight(Entity.RESTRICTED, tuple(named)) if named else Sight(value.strip())


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
