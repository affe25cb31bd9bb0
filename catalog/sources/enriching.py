"""Fields that are said over a document by somebody else: a person here, or a room.

Per field there is one authority. The document comes first: what it declares is changed
where it stands. What it leaves open one authority may say, with author and reason; the
document is not touched, and a later version of it that says so itself wins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from catalog.entities import decisions, generation
from catalog.entities.decisions import DECISIONS, Decision
from catalog.entities.models import Entity, Overlay, Revision
from catalog.entities.problems import did_you_mean
from catalog.sources.applying import Cause, revision_of
from catalog.sources.processing import locked

HERE = "portal"


class Held(Exception):
    """The field has another authority, or the value is none. For people."""


@dataclass(frozen=True)
class Said:
    """A field of an entity that somebody said over its document."""

    decision: Decision
    overlay: Overlay
    is_declared: bool


def may_say(entity: Entity, decision: Decision) -> bool:
    """Does the document leave this open?"""
    return not _declared(entity.data, decision)


def say(
    entity: Entity, key: str, value: str, cause: Cause, *, authority: str = HERE
) -> None:
    """Say a field. Raises Held where its document, or somebody else, has it."""
    decision = _decision(key)
    value = value.strip()[:100]
    if not value or (decision.values and value not in decision.values):
        known = ", ".join(decision.values)
        hint = did_you_mean(value, decision.values) or f"Known are {known}."
        raise Held(f"{decision.title} cannot be {value!r}. {hint if known else ''}")
    with locked():
        entity.refresh_from_db()
        if not may_say(entity, decision):
            raise Held(
                f"{decision.title} is declared by its document, in "
                f"{entity.source.name}, which is its authority. Change it there."
            )
        _check_authority(entity, decision, authority)
        Overlay.objects.update_or_create(
            identity_id=entity.pk,
            field=decision.annotation,
            defaults={
                "value": value,
                "authority": authority,
                "author_id": cause.author.pk if cause.author else None,
                "author_name": cause.author_name,
                "reason": cause.reason[:500],
                "at": timezone.now(),
            },
        )
        _write(entity, decision, value, f"{decision.title}: {value}", cause)


def take_back(entity: Entity, key: str, cause: Cause, *, authority: str = HERE) -> None:
    """Say nothing about a field any more. Raises Held where somebody else does."""
    decision = _decision(key)
    with locked():
        entity.refresh_from_db()
        _check_authority(entity, decision, authority)
        rows = Overlay.objects.filter(identity_id=entity.pk, field=decision.annotation)
        if rows.delete()[0]:
            value = decisions.columns(entity.data)[decision.column]
            _write(entity, decision, value, f"{decision.title}: taken back", cause)


def said_about(entity: Entity) -> list[Said]:
    """What was said over the document, and whether the document says it itself now."""
    rows = {row.field: row for row in Overlay.objects.filter(identity_id=entity.pk)}
    return [
        Said(one, rows[one.annotation], not may_say(entity, one))
        for one in DECISIONS
        if one.annotation in rows
    ]


def _declared(data: dict[str, Any], decision: Decision) -> bool:
    annotations = data["metadata"].get("annotations") or {}
    return bool(annotations.get(decision.annotation))


def _decision(key: str) -> Decision:
    for decision in DECISIONS:
        if decision.key == key:
            return decision
    raise Held(f"There is no field {key!r} that can be said here.")


def _check_authority(entity: Entity, decision: Decision, authority: str) -> None:
    rows = Overlay.objects.filter(identity_id=entity.pk, field=decision.annotation)
    other = rows.exclude(authority=authority).first()
    if other is not None:
        raise Held(
            f"{decision.title} is said by {other.authority} since "
            f"{other.at:%Y-%m-%d}. Change it there."
        )


def _write(
    entity: Entity, decision: Decision, value: str, what: str, cause: Cause
) -> None:
    Entity.objects.filter(pk=entity.pk).update(**{decision.column: value})
    revision = revision_of(
        entity.identity,
        Revision.CHANGED,
        entity.text,
        entity.source,
        entity.path,
        replace(cause, reason=f"{what}. {cause.reason}".strip()),
        timezone.now(),
    )
    # As everywhere, so that it knows who may read it.
    Revision.objects.bulk_create([revision])
    generation.advance([entity.pk])
