"""What fails outside the endpoints: below the API's address a problem, else a page."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse

from portal.api.problems import answer
from portal.web.pages import errors

_BELOW = "/api/v1/"
_HOST = "Ask by a name that Greenroom answers to, or add it to GREENROOM_ALLOWED_HOSTS."


def bad_request(
    request: HttpRequest, exception: SuspiciousOperation | None = None
) -> HttpResponse:
    """400, or 413 where it is too large."""
    if not _is_program(request):
        return errors.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
        said = f"The body is too large: at most {most} MB are read."
        return answer(413, said, "Send it in several parts.")
    return answer(400, "The request was not understood.", _HOST)


def not_found(request: HttpRequest, exception: Http404 | None = None) -> HttpResponse:
    """404 of an address that there is not."""
    if not _is_program(request):
        return errors.not_found(request, exception)
    said = f"There is nothing at {request.path[:200]}."
    remedy = "Look it up at /help/api-reference/; no address ends with a slash."
    return answer(404, said, remedy)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, without asking the database anything."""
    if not _is_program(request):
        return errors.server_error(request)
    remedy = "The server's log says what happened, at this minute."
    return answer(500, "Something broke on our side.", remedy)


def _is_program(request: HttpRequest) -> bool:
    return request.path.startswith(_BELOW)
