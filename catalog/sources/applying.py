"""Applying a plan: one short transaction, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.utils import timezone

from catalog.entities import generation, hot
from catalog.entities.models import (
    Attribute,
    Audience,
    Entity,
    Finding,
    Identity,
    Overlay,
    Relation,
    Revision,
)
from catalog.entities.problems import Problem
from catalog.query import fulltext
from catalog.sources import includes, limits, rows
from catalog.sources.candidates import Candidate
from catalog.sources.limits import Sight
from catalog.sources.models import Source, SourceFile
from catalog.sources.planning import Plan

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

T = TypeVar("T")
_BATCH = 500


@dataclass(frozen=True)
class Cause:
    """Who or what changes the catalog, and why: what a revision says."""

    door: str
    author: AbstractBaseUser | None = None
    author_name: str = ""
    reason: str = ""
    commit: str = ""


def apply(source: Source, plan: Plan, cause: Cause) -> None:
    """Write a plan. To be called inside a transaction that holds the catalog's lock."""
    if plan.is_empty:
        return
    now = timezone.now()
    touched = _write_documents(source, plan, cause, now)
    touched += [known.pk for _, known in plan.moved]
    touched += [known.pk for known in plan.orphaned]
    _write_moves(source, plan, now)
    _write_orphans(plan, now)
    noted = _write_findings(source, plan)
    _write_files(source, plan)
    if noted or plan.touches_entities:
        generation.advance(touched)


def _batches(items: Sequence[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _write_documents(
    source: Source, plan: Plan, cause: Cause, now: datetime
) -> list[int]:
    """Write what is new or says something else; the keys of these entities."""
    keys: list[int] = []
    for added in _batches(plan.added):
        keys += _write_batch(source, added, Revision.ADDED, cause, now)
    for changed in _batches(plan.changed):
        hot.forget([known.pk for _, known in changed])
        candidates = [candidate for candidate, _ in changed]
        keys += _write_batch(source, candidates, Revision.CHANGED, cause, now)
    return keys


def _write_batch(
    source: Source, batch: list[Candidate], action: str, cause: Cause, now: datetime
) -> list[int]:
    identities = _identities([candidate.ref for candidate in batch], now)
    said = _said(identities.values())
    sights = [limits.sight_of(source, candidate.data) for candidate in batch]
    entities = [
        rows.entity_row(one, identity, source, sight, now, said.get(identity.pk))
        for one, sight in zip(batch, sights, strict=True)
        for identity in (identities[one.ref],)
    ]
    Entity.objects.bulk_create(
        entities,
        update_conflicts=True,
        unique_fields=["identity"],
        update_fields=list(rows.UPDATED),
    )
    pairs = list(zip(entities, batch, strict=True))
    _create(
        Attribute, (row for e, c in pairs for row in rows.attribute_rows(e, c.data))
    )
    _name_audience(entities, sights)
    _create(Relation, (row for e, c in pairs for row in rows.relation_rows(e, c.data)))
    _create(
        Revision,
        (
            revision_of(e.identity, action, e.text, source, e.path, cause, now)
            for e, _ in pairs
        ),
    )
    fulltext.replace([rows.passage_of(entity, c.data) for entity, c in pairs])
    return [entity.pk for entity in entities]


def _name_audience(entities: Iterable[Entity], sights: Iterable[Sight]) -> None:
    both = zip(entities, sights, strict=True)
    _create(Audience, (row for e, s in both for row in rows.audience_rows(e, s)))


def show_anew(entities: Sequence[Entity], sights: Sequence[Sight]) -> None:
    """Name anew who may see these entities; their column `audience` says it already."""
    for batch in _batches(entities):
        Audience.objects.filter(entity__in=batch).delete()
    _name_audience(entities, sights)


def _said(identities: Iterable[Identity]) -> dict[int, dict[str, str]]:
    """What is said over these documents by others."""
    found: dict[int, dict[str, str]] = {}
    for row in Overlay.objects.filter(identity__in=identities):
        found.setdefault(row.identity_id, {})[row.field] = row.value
    return found


def _create(model: type[models.Model], made: Iterable[models.Model]) -> None:
    model._default_manager.bulk_create(list(made), batch_size=_BATCH)


def _identities(refs: list[str], now: datetime) -> dict[str, Identity]:
    found = {row.ref: row for row in Identity.objects.filter(ref__in=refs)}
    if missing := [ref for ref in refs if ref not in found]:
        Identity.objects.bulk_create(
            [Identity(ref=ref, created_at=now) for ref in missing],
            ignore_conflicts=True,
        )
        made = Identity.objects.filter(ref__in=missing)
        found |= {row.ref: row for row in made}
    return found


def revision_of(
    identity: Identity,
    action: str,
    text: str,
    source: Source,
    path: str,
    cause: Cause,
    now: datetime,
) -> Revision:
    """What is kept of one change; not written yet."""
    return Revision(
        identity=identity,
        at=now,
        action=action,
        door=cause.door,
        source_name=source.name,
        path=path,
        commit=cause.commit,
        widest="" if source.widest == Entity.PUBLIC else source.widest,
        author_id=cause.author.pk if cause.author else None,
        author_name=cause.author_name,
        reason=cause.reason[:500],
        text=text,
    )


def _write_moves(source: Source, plan: Plan, now: datetime) -> None:
    """Documents that say the same elsewhere: a new place, no new revision."""
    for batch in _batches(plan.moved):
        identities = Identity.objects.in_bulk([known.pk for _, known in batch])
        sights = [limits.sight_of(source, candidate.data) for candidate, _ in batch]
        entities = [
            rows.entity_row(candidate, identities[known.pk], source, sight, now)
            for (candidate, known), sight in zip(batch, sights, strict=True)
        ]
        Entity.objects.bulk_create(
            entities,
            update_conflicts=True,
            unique_fields=["identity"],
            update_fields=list(rows.MOVED),
        )
        if any(known.source_id != source.pk for _, known in batch):
            # Another source may show more, or less, of the same text.
            show_anew(entities, sights)


def _write_orphans(plan: Plan, now: datetime) -> None:
    for batch in _batches(plan.orphaned):
        keys = [known.pk for known in batch]
        Entity.objects.filter(pk__in=keys).update(orphan_since=now)


def _write_findings(source: Source, plan: Plan) -> bool:
    """Replace the findings of the files that were read; what stays keeps its age.
    True when there was anything to write."""
    former = {_key_of(finding): finding for finding in _former(source, plan)}
    wanted = {_key(problem): problem for problem in plan.problems}
    stale = [finding.pk for key, finding in former.items() if key not in wanted]
    for keys in _batches(stale):
        Finding.objects.filter(pk__in=keys).delete()
    fresh = [_finding(source, p) for key, p in wanted.items() if key not in former]
    _create(Finding, fresh)
    return bool(stale or fresh)


def _former(source: Source, plan: Plan) -> Iterator[Finding]:
    """The findings that this plan judges anew: of its files, or, for what was made
    here and has no file, of its entities."""
    rows = Finding.objects.filter(source=source)
    paths = [*(file.path for file in plan.files), *plan.gone_paths]
    for batch in _batches(paths):
        yield from rows.filter(path__in=batch)
    for batch in _batches(plan.pasted):
        yield from rows.filter(subject__in=batch)


def _key(problem: Problem) -> tuple[object, ...]:
    return (
        problem.code,
        problem.path,
        problem.line,
        problem.field[:300],
        problem.message,
        problem.subject,
    )


def _key_of(finding: Finding) -> tuple[object, ...]:
    return (
        finding.code,
        finding.path,
        finding.line,
        finding.field,
        finding.message,
        finding.subject,
    )


def _finding(source: Source, problem: Problem) -> Finding:
    return Finding(
        code=problem.code,
        severity=problem.severity,
        subject=problem.subject[:200],
        source=source,
        path=problem.path[:1000],
        line=problem.line,
        column=problem.column,
        field=problem.field[:300],
        value=problem.value[:300],
        message=problem.message,
        remedy=problem.remedy,
    )


def _write_files(source: Source, plan: Plan) -> None:
    """Remember the files that were taken whole; others are read again next time."""
    for gone in _batches(plan.gone_paths):
        SourceFile.objects.filter(source=source, path__in=gone).delete()
    whole = [file for file in plan.files if file.is_settled]
    others = [file.path for file in plan.files if not file.is_settled]
    SourceFile.objects.bulk_create(
        [
            SourceFile(
                source=source,
                path=f.path,
                digest=f.digest,
                etag=f.etag,
                includes=includes.as_text(f.includes),
            )
            for f in whole
        ],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["source", "path"],
        update_fields=["digest", "etag", "includes"],
    )
    SourceFile.objects.bulk_create(
        [SourceFile(source=source, path=path, digest="") for path in others],
        batch_size=_BATCH,
        update_conflicts=True,
        unique_fields=["source", "path"],
        update_fields=["digest"],
    )


def remove(entity: Entity, cause: Cause) -> None:
    """Take an entity out of the catalog; its identity and history stay."""
    remove_all([entity], cause)


def remove_all(entities: Sequence[Entity], cause: Cause) -> None:
    """Take many entities out of the catalog, as `remove` does with one."""
    now = timezone.now()
    for batch in _batches(entities):
        _create(
            Revision,
            (
                revision_of(
                    e.identity, Revision.REMOVED, "", e.source, e.path, cause, now
                )
                for e in batch
            ),
        )
        keys = [entity.pk for entity in batch]
        Finding.objects.filter(subject__in=[entity.ref for entity in batch]).delete()
        fulltext.remove(keys)
        Entity.objects.filter(pk__in=keys).delete()
    generation.advance([entity.pk for entity in entities])
