"""Search: what the palette asks while somebody types, and the same as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.query import fulltext, hits
from catalog.query.language.scope import Scope
from portal.web import offers
from portal.web.gate import viewer_of
from portal.web.offers import Group
from portal.web.partial import wants_part

IN_PALETTE, ON_PAGE = 8, 30


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Options for the palette, or a page of results for those without script."""
    text = request.GET.get("q", "").strip()[:200]
    part = wants_part(request) or "palette" in request.headers.get(
        "X-Requested-With", ""
    )
    context = {"text": text, "groups": groups_of(request, text, part)}
    template = "fragments/search.html" if part else "pages/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "X-Requested-With"])
    return response


def groups_of(request: HttpRequest, text: str, part: bool) -> list[Group]:
    """What was found. The palette keeps the commands of its beginning by itself."""
    if not text:
        return offers.beginning(request)
    viewer = viewer_of(request)
    scope = Scope.of(viewer)
    found = hits.find(text, viewer, IN_PALETTE if part else ON_PAGE, scope)
    groups = offers.found(request, text, found)
    if asked := offers.in_catalog(text, scope):
        groups.append(Group("catalog", "Catalog", offers=asked))
    wanted = fulltext.words(text)
    done = [] if part or not wanted else offers.deeds(request, wanted)
    return [*groups, *([Group("deeds", "Commands", offers=done)] if done else [])]
