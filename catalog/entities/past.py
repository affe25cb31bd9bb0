"""Which revisions a viewer may read: those since their entity was last hidden.

An entity that everybody sees today may once have been for a few. What it said then, and
that it was there, stays theirs.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.entities import generation, validation
from catalog.entities.models import Entity, Event, Revision
from catalog.entities.viewer import Viewer
from catalog.refs import RefError

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_READERS: generation.Cache[frozenset[str]] = generation.Cache(limit=1)


def revisions(entity: Entity, viewer: Viewer) -> QuerySet[Revision]:
    """The revisions of an entity that this viewer may read, newest first."""
    rows = Revision.objects.filter(identity_id=entity.pk).order_by("-id")
    if viewer.sees_all:
        return rows
    closed = rows.filter(readers__in=_hidden(viewer))
    hidden = closed.values_list("pk", flat=True).first()
    return rows if hidden is None else _after(hidden, rows)


def open_since(entity: Entity, viewer: Viewer) -> datetime:
    """The moment since which this viewer may see what an entity is and was."""
    if viewer.sees_all:
        return _EVER
    rows = Revision.objects.filter(identity_id=entity.pk)
    if not rows.filter(readers__in=_hidden(viewer)).exists():
        return _EVER
    oldest = revisions(entity, viewer).order_by("pk").first()
    return oldest.at if oldest else timezone.now()


def of_all(viewer: Viewer) -> QuerySet[Revision]:
    """The revisions of all entities that this viewer may read, in no order.

    A removal is for those who see all, even where the entity came back: its visibility
    went with it.
    """
    rows = Revision.objects.all()
    if viewer.sees_all:
        return rows
    visible = Entity.objects.visible_to(viewer).filter(pk=OuterRef("identity_id"))
    hidden = Revision.objects.filter(
        identity_id=OuterRef("identity_id"),
        readers__in=_hidden(viewer),
        pk__gte=OuterRef("pk"),
    )
    rows = rows.filter(Exists(visible), ~Exists(hidden))
    return rows.exclude(action=Revision.REMOVED)


def events(viewer: Viewer) -> QuerySet[Event]:
    """What tools did to entities, as far as this viewer may read it, in no order: what
    was done since the entity was last hidden."""
    rows = Event.objects.all()
    if viewer.sees_all:
        return rows
    hidden = _hidden(viewer)
    visible = Entity.objects.visible_to(viewer).filter(pk=OuterRef("identity_id"))
    later = Revision.objects.filter(
        identity_id=OuterRef("identity_id"),
        readers__in=hidden,
        at__gte=OuterRef("at"),
    )
    return rows.filter(Exists(visible), ~Exists(later)).exclude(readers__in=hidden)


def before(revision: Revision, viewer: Viewer) -> Revision | None:
    """The revision before one that the viewer may read, if they may read it too."""
    rows = Revision.objects.filter(
        identity_id=revision.identity_id, pk__lt=revision.pk
    ).order_by("-id")
    found = rows.first()
    if found is None or viewer.sees_all:
        return found
    return found if _lets_in(found.readers, viewer) else None


def _after(hidden: int, rows: QuerySet[Revision]) -> QuerySet[Revision]:
    """What came later; the removal of what was hidden belongs to the hidden."""
    later = rows.filter(pk__gt=hidden)
    first = later.last()
    if first is not None and first.action == Revision.REMOVED:
        return rows.filter(pk__gt=first.pk)
    return later


def _hidden(viewer: Viewer) -> list[str]:
    """The values of `readers` that keep this viewer out."""
    return [value for value in _readers() if not _lets_in(value, viewer)]


def _readers() -> frozenset[str]:
    """Every value that a revision ever had; events keep those of older ones."""
    return _READERS.get("all", _read)


def _read() -> frozenset[str]:
    rows = Revision.objects.order_by().values_list("readers", flat=True)
    return frozenset(rows.union(Event.objects.order_by().values_list("readers")))


def _lets_in(readers: str, viewer: Viewer) -> bool:
    """Do the text and its source, each by itself, let this viewer see?"""
    return all(_names(value, viewer) for value in readers.split("\n"))


def _names(value: str, viewer: Viewer) -> bool:
    """Does a visibility, as it is written, let this viewer see?"""
    if value in ("", Entity.SIGNED_IN):
        return Entity.SIGNED_IN in viewer.audiences
    if value == Entity.PUBLIC:
        return True
    try:
        return not viewer.principals.isdisjoint(validation.principals(value))
    except RefError:
        return False
