"""Did anything change that the reader sees? A short text, for pages that stay open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from catalog.entities import stamp
from portal.web.gate import viewer_of


def etag_of(request: HttpRequest) -> str:
    """The stamp itself: it says that something changed, and nothing of what."""
    return f'"{stamp.of(viewer_of(request))}"'


@require_safe
@condition(etag_func=etag_of)
def generation(request: HttpRequest) -> HttpResponse:
    """The stamp of what the reader sees, or 304 while it lasts."""
    text = f"{stamp.of(viewer_of(request))}\n"
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    return response
