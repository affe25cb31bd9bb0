"""What is shown when something is missing, forbidden, wrong or broken."""

from __future__ import annotations

from http import HTTPStatus

from django.conf import settings
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """404. Says the same of what is hidden from the reader and of what is missing."""
    return _page(request, "missing", HTTPStatus.NOT_FOUND)


def no_permission(
    request: HttpRequest, exception: PermissionDenied | None = None
) -> HttpResponse:
    """403, with the reason that the page gave."""
    return _page(request, "forbidden", HTTPStatus.FORBIDDEN, str(exception or ""))


def bad_request(
    request: HttpRequest, exception: SuspiciousOperation | None = None
) -> HttpResponse:
    """400, or 413 where it is too large. The request may be hostile: nothing of it is
    shown, nobody is looked up."""
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        page = render_to_string("pages/too_large.html", {"most": most})
        return HttpResponse(page, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    page = render_to_string("pages/bad_request.html")
    return HttpResponse(page, status=HTTPStatus.BAD_REQUEST)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a page that asks nothing of the database."""
    page = render_to_string("pages/broken.html")
    return HttpResponse(page, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _page(
    request: HttpRequest, name: str, status: HTTPStatus, reason: str = ""
) -> HttpResponse:
    """Inside the house for those signed in; strangers learn nothing of its rooms."""
    account = getattr(request, "user", None)
    inside = bool(getattr(account, "is_authenticated", False))
    context = {"frame": "base.html" if inside else "gate.html", "reason": reason}
    return render(request, f"pages/{name}.html", context, status=status)
