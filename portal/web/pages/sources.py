"""Sources: the list of places that documents come from."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.sources.models import Source
from catalog.sources.provider import PROVIDERS
from portal.accounts.models import Role
from portal.web.gate import allows, viewer_of


@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Every source with its state and what it holds."""
    viewer = viewer_of(request)
    errors = findings.shown_to(viewer).filter(severity=Finding.ERROR)
    context = {
        "sources": Source.objects.order_by("provider", "name"),
        "entities": by_source(Entity.objects.visible_to(viewer)),
        "errors": by_source(errors),
        "providers": {name: found.title for name, found in PROVIDERS.items()},
        "is_admin": allows(request, Role.ADMIN),
    }
    return render(request, "pages/sources.html", context)


def by_source(rows: QuerySet[Any]) -> Counter[int]:
    """How many rows each source has: what the reader cannot see is not counted."""
    pairs = rows.order_by().values_list("source_id").annotate(number=Count("pk"))
    return Counter(dict(pairs))
