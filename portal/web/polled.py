"""Pages that keep themselves up to date: a part that asks for itself again and again.

The part carries the ETag of its own text and sends it along, so that the answer is an
empty 304 while nothing has changed, and nothing under the reader's hand is replaced.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.cache import (
    get_conditional_response,
    patch_cache_control,
    patch_vary_headers,
)
from markupsafe import Markup

from portal.web.partial import wants_part

# The browser keeps ages fresh by itself; the moment that they are counted from stays.
_AGE = re.compile(r"(<time [^>]*>)[^<]*")
# The token of a form is written otherwise each time, and the former ones stay good.
_TOKEN = re.compile(r'(name="csrfmiddlewaretoken" value=")\w+')


def etag_of(body: str) -> str:
    """The ETag of a part: it changes with all that one can read, except for ages."""
    text = _TOKEN.sub(r"\1", _AGE.sub(r"\1", body))
    return f'"{hashlib.blake2b(text.encode(), digest_size=12).hexdigest()}"'


def render_polled(
    request: HttpRequest,
    page: str,
    part: str,
    context: dict[str, Any],
    every: int = 15,
) -> HttpResponse:
    """The page with its part, or the part alone for htmx, or 304 where it has that. It
    asks again after so many seconds."""
    body = render_to_string(part, context, request)
    etag = etag_of(body)
    polled = {
        "body": Markup(body),
        "etag": etag,
        "address": request.get_full_path(),
        "every": every,
    }
    if not wants_part(request):
        response = render(request, page, {**context, "polled": polled})
        patch_vary_headers(response, ["HX-Request"])
        return response
    response = render(request, "fragments/polled.html", {"polled": polled})
    response["ETag"] = etag
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["HX-Request"])
    answer = get_conditional_response(request, etag=etag, response=response)
    return answer if isinstance(answer, HttpResponse) else response
