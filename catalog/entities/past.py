"""Which revisions of an entity a viewer may read: those since it was last hidden.

An entity that everybody sees today may once have been for a few. What it said then
stays theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from catalog.entities import decisions, envelope, validation
from catalog.entities.models import Entity, Revision
from catalog.entities.viewer import Viewer
from catalog.refs import RefError


def revisions(entity: Entity, viewer: Viewer) -> QuerySet[Revision]:
    """The revisions that this viewer may read, newest first. One query more."""
    rows = Revision.objects.filter(identity_id=entity.pk).order_by("-id")
    if viewer.sees_all:
        return rows
    doubtful = _doubtful(rows, viewer).values_list("pk", "text", "widest")
    for pk, text, widest in doubtful:
        if not _is_open(text, widest, viewer):
            return _after(pk, rows)
    return rows


def cuts(identities: Iterable[int], viewer: Viewer, first: int) -> dict[int, int]:
    """Of each entity the newest revision, from `first` on, that was hidden from this
    viewer: what is not newer is not theirs. One query."""
    if viewer.sees_all:
        return {}
    rows = Revision.objects.filter(identity_id__in=list(identities), pk__gte=first)
    found: dict[int, int] = {}
    doubtful = _doubtful(rows.order_by("-id"), viewer)
    for key, pk, text, widest in doubtful.values_list(
        "identity_id", "pk", "text", "widest"
    ):
        if key not in found and not _is_open(text, widest, viewer):
            found[key] = pk
    return found


def _is_open(text: str, widest: str, viewer: Viewer) -> bool:
    return _allows(widest, viewer) and _was_visible(text, viewer)


def _doubtful(rows: QuerySet[Revision], viewer: Viewer) -> QuerySet[Revision]:
    """Those that may have been hidden: for a stranger all, else what is restricted."""
    if Entity.SIGNED_IN not in viewer.audiences:
        return rows
    # With a backslash, YAML spells the annotation in many ways.
    named = Q(text__contains=decisions.VISIBILITY) | Q(text__contains="\\")
    return rows.filter(named | ~Q(widest=""))


def _after(hidden: int, rows: QuerySet[Revision]) -> QuerySet[Revision]:
    """What came later; the removal of what was hidden belongs to the hidden."""
    later = rows.filter(pk__gt=hidden)
    first = later.last()
    if first is not None and first.action == Revision.REMOVED:
        return rows.filter(pk__gt=first.pk)
    return later


def _was_visible(text: str, viewer: Viewer) -> bool:
    return all(_may_read(doc.data, viewer) for doc in envelope.read(text).documents)


def _may_read(data: Any, viewer: Viewer) -> bool:
    value = (data["metadata"].get("annotations") or {}).get(decisions.VISIBILITY, "")
    return _names(value, viewer)


def _allows(widest: str, viewer: Viewer) -> bool:
    """Was its source open to this viewer then?"""
    return not widest or _names(widest, viewer)


def _names(value: str, viewer: Viewer) -> bool:
    """Does a visibility, as it is written, let this viewer see?"""
    if value.strip() in ("", Entity.SIGNED_IN):
        return Entity.SIGNED_IN in viewer.audiences
    if value.strip() == Entity.PUBLIC:
        return True
    try:
        return not viewer.principals.isdisjoint(validation.principals(value))
    except RefError:
        return False
