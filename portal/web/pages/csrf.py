"""A form was refused, because another site may have sent it: why, and the cure."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What Django calls when its check against forged forms fails."""
    seen = f"{request.scheme}://{request.get_host()}"
    context = {"origin": foreign_origin(request, seen), "seen": seen}
    return render(request, "pages/csrf.html", context, status=403)


def foreign_origin(request: HttpRequest, seen: str) -> str:
    """The address the browser says it is at, where it is not the one we see."""
    sent = request.headers.get("Origin") or request.headers.get("Referer") or ""
    parts = urlsplit(sent)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin if parts.scheme in {"http", "https"} and origin != seen else ""
