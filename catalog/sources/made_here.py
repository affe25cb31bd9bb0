"""What was made in the portal: changing, removing and bringing back its entities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.entities import past
from catalog.entities.models import Entity, Revision
from catalog.entities.viewer import Viewer
from catalog.sources import applying, processing
from catalog.sources.limits import PEOPLE
from catalog.sources.outcome import Outcome
from catalog.sources.processing import cause_of, here, locked
from catalog.sources.provider import SourceError

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DOOR = "editor"


@dataclass(frozen=True)
class Removed:
    """An entity that was taken away here and can come back."""

    ref: str
    at: datetime
    by: str


def may_change(entity: Entity, viewer: Viewer) -> bool:
    """Does it live here, and may this editor change it? People grant sight."""
    is_ours = entity.source.provider == "here" and entity.orphan_since is None
    return is_ours and (viewer.sees_all or entity.kind not in PEOPLE)


def remove(entity: Entity, author: AbstractBaseUser, viewer: Viewer) -> None:
    """Take an entity away that was made here; its history keeps the text.

    Raises SourceError where a source declares it, or where it is a Group or User.
    """
    if not may_change(entity, viewer):
        raise SourceError(
            f"{entity.label} was not removed.",
            "Only what was made here can be removed here, and people and groups only "
            "by an administrator.",
        )
    with locked():
        applying.remove(entity, cause_of(DOOR, author, ""))


def former(entity: Entity, viewer: Viewer, pk: int) -> Revision | None:
    """A former text that this viewer may read; None where there is none."""
    rows = past.revisions(entity, viewer).filter(pk=pk)
    return rows.exclude(text="").first()


def restore_reason(revision: Revision) -> str:
    """What the history says of bringing a former text back."""
    return f"Restore of {timezone.localtime(revision.at):%Y-%m-%d %H:%M}"


def restore(
    entity: Entity, revision: Revision, author: AbstractBaseUser, viewer: Viewer
) -> Outcome:
    """Declare a former text again. What is refused is told in the outcome.

    Raises SourceError where the entity does not live here or is not theirs to change.
    """
    if not may_change(entity, viewer):
        raise SourceError(
            f"{entity.label} cannot be changed here by you.",
            "What a source declares is changed there, and people and groups only by an "
            "administrator.",
        )
    return processing.declare(
        revision.text,
        author=author,
        door=DOOR,
        reason=restore_reason(revision),
        viewer=viewer,
    )


def removed(author: AbstractBaseUser, viewer: Viewer, limit: int = 20) -> list[Removed]:
    """What was removed here last and did not come back: what this editor removed
    themselves, or all of it for those who see all."""
    rows = _removals(author, viewer).values_list("identity__ref", "at", "author_name")
    return [Removed(*row) for row in rows.order_by("-pk")[:limit]]


def last_text(ref: str, author: AbstractBaseUser, viewer: Viewer) -> str:
    """What a removed entity said last; empty where it is not theirs to bring back."""
    gone = _removals(author, viewer).filter(identity__ref=ref).first()
    if gone is None:
        return ""
    before = Revision.objects.filter(identity_id=gone.identity_id, pk__lt=gone.pk)
    text = before.exclude(text="").order_by("-pk").values_list("text", flat=True)
    return text.first() or ""


def _removals(author: AbstractBaseUser, viewer: Viewer) -> QuerySet[Revision]:
    same = Revision.objects.filter(identity=OuterRef("identity"))
    rows = Revision.objects.filter(
        ~Exists(same.filter(pk__gt=OuterRef("pk"))),
        action=Revision.REMOVED,
        source_name=here().name,
        identity__entity=None,
    )
    return rows if viewer.sees_all else rows.filter(author_id=author.pk)
