"""Sources: the list of places that documents come from."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities.models import Entity
from catalog.sources.models import Source
from catalog.sources.provider import PROVIDERS
from portal.accounts.models import Role
from portal.web.gate import allows, needs


@needs(Role.EDITOR)
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Every source with its state and what it holds."""
    is_error = Q(findings__severity="error")
    rows = Source.objects.annotate(errors=Count("findings", filter=is_error))
    entities = Entity.objects.values_list("source_id").annotate(number=Count("pk"))
    context = {
        "sources": rows.order_by("provider", "name"),
        "entities": Counter(dict(entities)),
        "providers": {name: found.title for name, found in PROVIDERS.items()},
        "is_admin": allows(request, Role.ADMIN),
    }
    return render(request, "pages/sources.html", context)
