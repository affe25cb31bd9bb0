"""Badges: the state or the uptime of one entity as a small picture for other pages."""

from __future__ import annotations

import hashlib

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from catalog import refs
from catalog.entities.models import Entity
from catalog.probes import clock, states, uptime, words
from catalog.probes.models import Status
from portal.web import figures, probe_words
from portal.web.badge import Badge
from portal.web.gate import viewer_of

USUAL = "30d"
# Good, fair, and what is less; shares of the time.
GOOD, FAIR = 0.999, 0.99


@require_safe
def badge(
    request: HttpRequest, namespace: str, kind: str, name: str
) -> HttpResponseBase:
    """The picture; what is hidden is missing, as for every page."""
    ref = str(refs.Ref(kind.lower(), namespace.lower(), name.lower()))
    rows = Entity.objects.visible_to(viewer_of(request)).light()
    entity = rows.filter(ref=ref).first()
    if entity is None:
        raise Http404("There is no such entity.")
    if request.GET.get("kind") == "uptime":
        drawn = of_uptime(entity, request.GET.get("range", USUAL))
    else:
        drawn = of_state(entity)
    text = drawn.svg()
    etag = f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'
    response = HttpResponse(text, content_type="image/svg+xml; charset=utf-8")
    response["ETag"] = etag
    # Other sites show it: that is what it is for.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_cache_control(response, no_cache=True)
    return get_conditional_response(request, etag=etag, response=response) or response


def of_state(entity: Entity) -> Badge:
    """Its state now; unknown without a probe."""
    found = Status.objects.filter(pk=entity.pk).first() or Status(pk=entity.pk)
    state = states.believed(found, clock.now()).state
    return Badge(entity.label, state, probe_words.mark_of(state))


def of_uptime(entity: Entity, name: str) -> Badge:
    """Its uptime over a range; unknown where nothing is known of it."""
    name = name if name in uptime.RANGES else USUAL
    now = clock.now()
    start = now - uptime.RANGES[name]
    spans = uptime.timelines([entity.pk], start, now, coarse=True)[entity.pk]
    share = uptime.uptime(spans).share
    text = words.UNKNOWN if share is None else figures.share_text(share)
    return Badge(f"{entity.label}, {name}", text, _mark(share))


def _mark(share: float | None) -> str:
    if share is None:
        return "unknown"
    return "ok" if share >= GOOD else "degraded" if share >= FAIR else "down"
