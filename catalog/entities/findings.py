"""What needs attention: stored findings, and those that depend on who looks.

A finding about an entity is shown to whom the entity is shown; one about a file without
an entity only to those who see all, because nobody can tell what it would have been.
A dangling relation is computed per viewer: a hidden target looks like a missing one.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.entities import generation
from catalog.entities.models import Audience, Entity, Finding, Relation
from catalog.entities.viewer import Viewer

NEED_NO_OWNER = ("Location", "User", "Group")
_DANGLING: generation.Cache[list[tuple[str, str, str]]] = generation.Cache(limit=200)


def open_for(viewer: Viewer) -> QuerySet[Finding]:
    """Findings that are neither mended nor ignored, errors first, newest first."""
    return shown_to(viewer).filter(_is_open())


def ignored_for(viewer: Viewer) -> QuerySet[Finding]:
    """Findings that somebody chose not to see for a while."""
    return shown_to(viewer).exclude(_is_open())


def shown_to(viewer: Viewer) -> QuerySet[Finding]:
    """All findings that this viewer may know of, ignored ones too."""
    rows = Finding.objects.select_related("source")
    if not viewer.sees_all:
        visible = Entity.objects.visible_to(viewer)
        rows = rows.filter(Exists(visible.filter(ref=OuterRef("subject"))))
    return rows.order_by("severity", "-since", "path", "line", "pk")


def ignore(finding: Finding, until: datetime, who: str, reason: str) -> None:
    """Put a finding aside until a moment; it comes back by itself."""
    finding.ignored_until = until
    finding.ignored_by = who[:200]
    finding.ignored_reason = reason[:500]
    finding.save(update_fields=["ignored_until", "ignored_by", "ignored_reason"])


def heed(finding: Finding) -> None:
    """Show an ignored finding again."""
    finding.ignored_until, finding.ignored_by, finding.ignored_reason = None, "", ""
    finding.save(update_fields=["ignored_until", "ignored_by", "ignored_reason"])


def _is_open() -> Q:
    return Q(ignored_until=None) | Q(ignored_until__lt=timezone.now())


def subjects_with_errors() -> set[str]:
    """The entities whose newest document was refused. Not restricted: the caller keeps
    what the viewer may see."""
    rows = Finding.objects.filter(_is_open(), severity=Finding.ERROR)
    return set(rows.exclude(subject="").values_list("subject", flat=True))


def unseen_errors(source_id: int) -> int:
    """How many documents of a source were refused of which nobody can tell what they
    would have been. Only their number is for everybody who manages entities."""
    rows = Finding.objects.filter(_is_open(), source_id=source_id, subject="")
    places = rows.filter(severity=Finding.ERROR).values("path", "line")
    return places.distinct().count()


def about(entity: Entity) -> QuerySet[Finding]:
    """The open findings about one entity, which the viewer was already shown."""
    rows = Finding.objects.filter(subject=entity.ref).select_related("source")
    return rows.order_by("severity", "line", "pk")


def orphans(viewer: Viewer) -> QuerySet[Entity]:
    """Entities that vanished from their source."""
    rows = Entity.objects.visible_to(viewer).light()
    return rows.exclude(orphan_since=None).order_by("orphan_since", "ref")


def unowned(viewer: Viewer) -> QuerySet[Entity]:
    """Entities without an owner that the viewer can see."""
    visible = Entity.objects.visible_to(viewer)
    rows = visible.light().exclude(kind__in=NEED_NO_OWNER)
    return rows.exclude(owner__in=visible.values("ref")).order_by("ref")


def dangling(viewer: Viewer) -> list[tuple[str, str, str]]:
    """(declared by, type, missing target) of every edge that leads nowhere."""
    key = (viewer.sees_all, viewer.audiences, viewer.principals)
    return _DANGLING.get(key, lambda: _dangling(viewer))


def _dangling(viewer: Viewer) -> list[tuple[str, str, str]]:
    visible = Entity.objects.visible_to(viewer)
    rows = Relation.objects.annotate(by=F("declared_by__ref"))
    if not viewer.sees_all:
        rows = rows.filter(declared_by__in=visible)
    # An owner that is missing is told as such, not a second time as a relation.
    told = Q(type="ownedBy") & ~Q(declared_by__kind__in=NEED_NO_OWNER)
    rows = rows.exclude(told)
    seen = visible.values("ref")
    away = rows.exclude(source_ref=F("by"), target_ref__in=seen).exclude(
        target_ref=F("by"), source_ref__in=seen
    )
    found = [
        (by, type_, target if source == by else source)
        for by, source, type_, target in away.values_list(
            "by", "source_ref", "type", "target_ref"
        )
    ]
    return sorted([*found, *_shown_to_nobody(viewer)])


def _shown_to_nobody(viewer: Viewer) -> list[tuple[str, str, str]]:
    """Entities whose visibility names somebody who is not in the catalog."""
    visible = Entity.objects.visible_to(viewer)
    rows = Audience.objects.annotate(by=F("entity__ref")).exclude(
        principal__in=visible.values("ref")
    )
    if not viewer.sees_all:
        rows = rows.filter(Exists(visible.filter(pk=OuterRef("entity"))))
    pairs = rows.values_list("by", "principal")
    return [(by, "visibleTo", principal) for by, principal in pairs]


def severities(viewer: Viewer) -> dict[str, int]:
    """How many open findings there are, by severity."""
    rows = open_for(viewer).order_by().values_list("severity")
    return dict(rows.annotate(number=Count("pk")))
