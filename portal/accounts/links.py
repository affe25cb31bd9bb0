"""Whole addresses of pages, for what leaves the browser: invites and mails."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest


def origin(request: HttpRequest | None = None) -> str:
    """Scheme and host of GREENROOM_URL, or those that the reader came by, or empty."""
    if settings.GREENROOM_URL:
        parts = urlsplit(settings.GREENROOM_URL)
        return f"{parts.scheme}://{parts.netloc}"
    if request is None:
        return ""
    return f"{request.scheme}://{request.get_host()}"


def absolute(path: str, request: HttpRequest | None = None) -> str:
    """A path of ours (with its sub-path) as a link that works elsewhere."""
    return origin(request) + path
