"""Did the catalog change? One number, for pages that stay open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from catalog.entities import generation as catalog_generation


def etag_of(request: HttpRequest) -> str:
    """The number itself: it says that something changed, and nothing of what."""
    return f'"{catalog_generation.current()}"'


@require_safe
@condition(etag_func=etag_of)
def generation(request: HttpRequest) -> HttpResponse:
    """The generation of the catalog, or 304 while it lasts."""
    number = catalog_generation.current()
    response = HttpResponse(f"{number}\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    return response
