"""What administrators do with sources: change, pause, remove; and removing orphans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models.functions import Coalesce
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.sources import applying
from catalog.sources.models import Source
from catalog.sources.processing import ask_again, cause_of, here, locked
from catalog.sources.provider import SourceError

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DOOR = "sources"


def change(source: Source) -> None:
    """Save a new name or new limits. What is derived from the name is made anew."""
    with locked():
        source.save(update_fields=["name", "interval", "example", "may_declare_people"])
        generation.advance()


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
            since = Coalesce("orphan_since", timezone.now())
            touched = entities.update(source=home, orphan_since=since)
        else:
            rows = list(entities.light().select_related("identity", "source"))
            touched = len(rows)
            applying.remove_all(rows, cause)
        source.delete()
        generation.advance()
    return touched


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
