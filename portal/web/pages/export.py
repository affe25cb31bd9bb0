"""The exports as files: without a login what is public, with a token in the path more.

An unchanged one is answered with 304 before anything is rendered.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
)
from django.views.decorators.http import require_safe

from portal.accounts import links
from portal.projections import doors
from portal.projections.models import ExportDoor
from portal.projections.profile import PROFILES
from portal.projections.projection import PROJECTIONS, Asked, Projection

NOTHING = "There is no such export.\n"


@dataclass(frozen=True)
class Wanted:
    """One file of one export, and the door that it is asked for at."""

    door: ExportDoor
    projection: Projection
    file: str
    zipped: bool

    @property
    def etag(self) -> str:
        """Strong: the very bytes, zipped or not."""
        return f'"{self.projection.stamp()}{"-gz" if self.zipped else ""}"'


@require_safe
def public(
    request: HttpRequest, target: str, profile: str, file: str
) -> HttpResponseBase:
    """What is public, the same for everybody."""
    return answer(request, doors.public(), target, profile, file)


@require_safe
def with_token(
    request: HttpRequest, target: str, profile: str, token: str, file: str
) -> HttpResponseBase:
    """What the token shows. A wrong one looks like an export that there is none of."""
    return answer(request, doors.find(token), target, profile, file)


def answer(
    request: HttpRequest, door: ExportDoor | None, target: str, profile: str, file: str
) -> HttpResponseBase:
    """The file, 304 where the reader has it, or 404."""
    if door is None or target not in PROJECTIONS or profile not in PROFILES:
        return nothing()
    projection = projection_for(door, target, profile, request)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    wanted = Wanted(door, projection, file, zipped)
    known = get_conditional_response(request, etag=wanted.etag)
    if known is not None and known.status_code == 304:
        known["ETag"] = wanted.etag
        noted(request, wanted, 304, None)
        return with_headers(known)
    text = projection.render(file)
    if text is None:
        return nothing()
    noted(request, wanted, 200, text)
    return with_headers(sent(wanted, text))


def projection_for(
    door: ExportDoor, target: str, profile: str, request: HttpRequest
) -> Projection:
    """What is read through a door, in one form."""
    viewer = door.viewer(open_house=settings.GREENROOM_PUBLIC)
    home = links.absolute(reverse("home"), request)
    return PROJECTIONS[target](Asked(viewer, profile, home))


def sent(wanted: Wanted, text: str) -> HttpResponse:
    """The bytes; what is zipped here keeps its strong ETag."""
    body = text.encode()
    if wanted.zipped:
        body = gzip.compress(body, 5, mtime=0)
    response = HttpResponse(body, content_type="application/yaml; charset=utf-8")
    response["ETag"] = wanted.etag
    if wanted.zipped:
        response["Content-Encoding"] = "gzip"
    return response


def with_headers(response: HttpResponseBase) -> HttpResponseBase:
    """Kept by nobody but the reader, who asks again each time."""
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def nothing() -> HttpResponse:
    """Plain, so that no page repeats the address, which may hold a token."""
    return HttpResponse(NOTHING, "text/plain; charset=utf-8", status=404)


def noted(request: HttpRequest, wanted: Wanted, status: int, text: str | None) -> None:
    """Remember who came; of single entities nothing, because there are too many."""
    files = wanted.projection.main_files() if text is not None else []
    if text is not None and wanted.file not in files:
        return
    came = doors.Came(
        wanted.projection.name,
        wanted.projection.asked.profile,
        wanted.file,
        request.headers.get("User-Agent", ""),
        status,
        wanted.projection.stamp(),
    )
    doors.note(wanted.door, came, text, files)
