"""Every change of one entity: when, by whom or what, why, and the lines that differ."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import history
from catalog.entities.history import DiffLine
from catalog.entities.models import Revision
from portal.web import entity_head
from portal.web.subject import Subject, of_entity

SIZE = 20


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
        subject, "entity-history", changes=changes(found)[:SIZE], page=page
    )
    return render(request, "pages/entity_history.html", context)


def changes(newest_first: list[Revision]) -> list[Change]:
    """Each revision compared with the one before it, the next of the list."""
    before = [revision.text for revision in newest_first[1:]] + [""]
    return [
        Change(revision, history.difference(text, revision.text))
        for revision, text in zip(newest_first, before, strict=True)
    ]
