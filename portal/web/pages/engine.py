"""Health of the probes: who asks, how late, what nobody asks, how much is kept."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from catalog.probes import health as engine
from portal.web.partial import wants_part
from portal.web.polled import render_polled


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """The page; the engine's part asks for itself, what is kept is counted once."""
    context = {"health": engine.health(), "late_after": engine.LATE}
    if not wants_part(request):
        context |= {"tables": engine.tables(), "size": engine.size()}
    return render_polled(request, "pages/engine.html", "fragments/engine.html", context)
