"""Every change of one entity: when, by whom or what, why, and the lines that differ."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff

from django.conf import settings as django_settings
from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import history, past, retention
from catalog.entities.history import DiffLine
from catalog.entities.models import Event, Revision
from catalog.probes.models import Change as Seen
from catalog.sources import made_here
from portal.accounts.models import Role
from portal.web import entity_head
from portal.web.gate import allows
from portal.web.subject import Subject, of_entity

SIZE, MOST_SEEN = 20, 100


@dataclass(frozen=True)
class Change:
    """One revision and what it changed in the text."""

    revision: Revision
    lines: list[DiffLine]

    @property
    def added(self) -> int:
        """How many lines came."""
        return sum(line.kind == "+" for line in self.lines)

    @property
    def removed(self) -> int:
        """How many lines went."""
        return sum(line.kind == "-" for line in self.lines)


@require_safe
@of_entity
def revisions(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """The changes, newest first, a page at a time."""
    rows = subject.revisions
    page = Paginator(rows.select_related("author"), SIZE).get_page(
        request.GET.get("page")
    )
    found = list(page.object_list)
    if found:
        # The one before the oldest of this page, to compare it with.
        found += rows.filter(pk__lt=found[-1].pk)[:1]
    context = entity_head.context(
        subject,
        "entity-history",
        entries=entries(subject, page, changes(found)[:SIZE]),
        page=page,
        newest=rows.values_list("pk", flat=True).first(),
        can_restore=may_restore(request, subject),
        compared=compared(request, subject),
        is_cut=is_cut(subject, page, found),
        kept=(django_settings.HISTORY_DAYS, retention.KEPT),
    )
    return render(request, "pages/entity_history.html", context)


@dataclass(frozen=True)
class Entry:
    """One line of the history: a new text, something that a probe saw, or what a tool
    says that it did."""

    at: datetime
    change: Change | None = None
    seen: Seen | None = None
    event: Event | None = None


def entries(subject: Subject, page: Page[Revision], found: list[Change]) -> list[Entry]:
    """The changes of this page, and between them what was seen and reported."""
    seen = Seen.objects.filter(identity_id=subject.entity.pk).select_related("probe")
    seen = seen.filter(at__gte=past.open_since(subject.entity, subject.viewer))
    events = past.events(subject.viewer).filter(identity_id=subject.entity.pk)
    when = between(subject, page, found)
    told = [Entry(change.revision.at, change=change) for change in found]
    rows = seen.filter(when).order_by("-at")[:MOST_SEEN]
    told += [Entry(one.at, seen=one) for one in rows]
    reported = events.filter(when).order_by("-at", "-pk")[:MOST_SEEN]
    told += [Entry(one.at, event=one) for one in reported]
    return sorted(told, key=lambda entry: entry.at, reverse=True)


def between(subject: Subject, page: Page[Revision], found: list[Change]) -> Q:
    """The time of this page: from the newest of the next one to the oldest of the one
    before."""
    when = Q()
    if page.has_previous() and found:
        newer = subject.revisions.filter(pk__gt=found[0].revision.pk)
        when &= Q(at__lte=newer.order_by("pk")[0].at)
    if page.has_next() and found:
        when &= Q(at__gt=found[-1].revision.at)
    return when


def may_restore(request: HttpRequest, subject: Subject) -> bool:
    """May the reader put an older text back here?"""
    editor = allows(request, Role.EDITOR)
    return editor and made_here.may_change(subject.entity, subject.viewer)


def is_cut(subject: Subject, page: Page[Revision], found: list[Revision]) -> bool:
    """Did older changes go with time? Only who sees all is told: for others it could
    be that they may not read them."""
    if page.has_next() or not found or not subject.viewer.sees_all:
        return False
    return found[-1].action != Revision.ADDED


@dataclass(frozen=True)
class Compared:
    """Two texts of an entity, the older first."""

    older: Revision
    newer: Revision
    lines: list[DiffLine]


def compared(request: HttpRequest, subject: Subject) -> Compared | None:
    """The two revisions that the address names, `from` and `to` (the newest, where it
    is left out); None where it names none that the reader may see."""
    first = revision_of(subject, request.GET.get("from", ""))
    wanted = request.GET.get("to", "")
    second = revision_of(subject, wanted) if wanted else subject.revisions.first()
    if first is None or second is None:
        return None
    older, newer = sorted((first, second), key=lambda revision: revision.pk)
    return Compared(older, newer, history.difference(older.text, newer.text))


def revision_of(subject: Subject, text: str) -> Revision | None:
    """A revision of this entity by its number, if the reader may see it."""
    if not (text.isascii() and text.isdigit()):
        return None
    return subject.revisions.filter(pk=int(text[:18])).first()


@require_safe
@of_entity
def patch(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """A patch from the present text back to a former one, for where it is declared."""
    revision = revision_of(subject, request.GET.get("to", ""))
    if revision is None:
        raise Http404
    entity = subject.entity
    path = entity.path or f"{entity.name}.yaml"
    lines = unified_diff(
        entity.text.splitlines(keepends=True),
        revision.text.splitlines(keepends=True),
        f"a/{path}",
        f"b/{path}",
    )
    body = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
    answer = HttpResponse(body, content_type="text/x-diff; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{entity.name}.patch"'
    return answer


def changes(newest_first: list[Revision]) -> list[Change]:
    """Each revision compared with the one before it, the next of the list."""
    before = [revision.text for revision in newest_first[1:]] + [""]
    return [
        Change(revision, history.difference(text, revision.text))
        for revision, text in zip(newest_first, before, strict=True)
    ]
