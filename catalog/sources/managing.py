"""What administrators do with sources: change, pause, remove; and removing orphans."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Audience, Entity
from catalog.sources import applying, limits
from catalog.sources.adding import close_to_others
from catalog.sources.claims import ask_again
from catalog.sources.models import Source
from catalog.sources.processing import cause_of, here, locked
from catalog.sources.provider import SourceError

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DOOR = "sources"


LIMITS = ("kinds", "namespaces", "widest", "may_declare_people")
PLACE = ("branch", "pattern", "secret", "known_hosts", "ca")
PLAIN = ("name", "owner", "interval", "orphan_days", "example")
CHANGEABLE = (*PLAIN, *PLACE, *LIMITS)


def change(source: Source) -> None:
    """Save what an administrator changed. What is derived from it is made anew: who may
    see the entities at once, what may be declared at the next reading."""
    with locked():
        before = Source.objects.get(pk=source.pk)
        source.save(update_fields=list(CHANGEABLE))
        differs = {n for n in CHANGEABLE if getattr(before, n) != getattr(source, n)}
        if "widest" in differs:
            _show_to(source)
        if differs & {*LIMITS, *PLACE}:
            source.files.update(digest="")
        generation.advance()
    if differs & {*LIMITS, *PLACE}:
        ask_again(source.pk, "Its settings were changed.")


def _show_to(source: Source) -> None:
    """Derive anew who may see each entity of a source."""
    close_to_others(source)
    rows = list(Entity.objects.filter(source=source).defer("text", "final"))
    sights = [limits.sight_of(source, row.data) for row in rows]
    for row, sight in zip(rows, sights, strict=True):
        row.audience = sight.audience
    Entity.objects.bulk_update(rows, ["audience"], batch_size=500)
    applying.show_anew(rows, sights)


def let_vanish(source: Source, author: AbstractBaseUser | None) -> None:
    """Allow what the held refresh would take away, once, and read the source again."""
    source.may_lose = len(json.loads(source.held or "[]"))
    source.save(update_fields=["may_lose"])
    ask_again(source.pk, f"{author or 'Somebody'} allowed what was held.")


def pause(source: Source, *, paused: bool) -> None:
    """Stop reading a source by itself, or go on at once."""
    source.paused = paused
    source.save(update_fields=["paused"])
    if not paused:
        ask_again(source.pk)


def remove_source(
    source: Source, author: AbstractBaseUser | None, *, keep_entities: bool
) -> int:
    """Forget a source, and say how many entities were touched.

    Kept entities become orphans that live here, until another source declares them.
    Raises SourceError for the one source that the house needs itself.
    """
    if source.provider == "here":
        raise SourceError(
            f"{source.name} cannot be removed.",
            "It holds what was made in the portal; remove its entities instead.",
        )
    cause = cause_of(DOOR, author, f"The source {source.name} was removed.")
    home = here()
    with locked():
        entities = Entity.objects.filter(source=source)
        if keep_entities:
            _narrow(source)
            since = Coalesce("orphan_since", timezone.now())
            touched = entities.update(source=home, orphan_since=since)
        else:
            rows = list(entities.light().select_related("identity", "source"))
            touched = len(rows)
            applying.remove_all(rows, cause)
        source.delete()
        generation.advance()
    return touched


def _narrow(source: Source) -> None:
    """What a closed source leaves behind stays closed: where a document names others,
    only those whom both allow may see it."""
    ceiling = limits.ceiling_of(source)
    if ceiling.audience == Entity.RESTRICTED:
        rows = Audience.objects.filter(entity__source=source)
        rows.exclude(principal__in=ceiling.principals).delete()


def remove_old_orphans() -> int:
    """Remove the orphans whose time of grace is over; how many."""
    now, removed = timezone.now(), 0
    for source in Source.objects.exclude(orphan_days=0):
        days = source.orphan_days
        with locked():
            rows = Entity.objects.filter(source=source)
            gone = rows.filter(orphan_since__lt=now - timedelta(days=days))
            old = list(gone.light().select_related("identity", "source"))
            if old:
                reason = f"{source.name} had not declared it for {days} days."
                applying.remove_all(old, cause_of(DOOR, None, reason))
        removed += len(old)
    return removed


def remove_orphan(entity: Entity, author: AbstractBaseUser | None) -> None:
    """Take away an entity that no source declares any more."""
    if entity.orphan_since is None:
        raise SourceError(
            f"{entity.label} is still declared by {entity.source.name}.",
            "Remove it there.",
        )
    cause = cause_of(DOOR, author, "No source declared it any more.")
    with locked():
        applying.remove(entity, cause)
