"""JSON Schema of each kind, for editors and pipelines."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from catalog.kind import KINDS
from portal.web import reference


@require_safe
def schema(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The schema of a whole document of one kind."""
    found = reference.find(kind)
    if found is None:
        raise Http404
    return _answer(request, _text(found.name), "application/schema+json")


@require_safe
def index(request: HttpRequest) -> HttpResponseBase:
    """Where the schema of each kind is."""
    addresses = {
        name: request.build_absolute_uri(reverse("schema", args=[name.lower()]))
        for name in sorted(KINDS)
    }
    return _answer(request, _json({"schemas": addresses}), "application/json")


def _answer(request: HttpRequest, text: str, content_type: str) -> HttpResponseBase:
    etag = f'"{hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"'
    response = HttpResponse(text, content_type=content_type, headers={"ETag": etag})
    patch_cache_control(response, private=True, max_age=300)
    return get_conditional_response(request, etag=etag, response=response) or response


@cache
def _text(kind: str) -> str:
    return _json(KINDS[kind].schema())


def _json(data: object) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
