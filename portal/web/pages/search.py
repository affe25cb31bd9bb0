"""Search: what the palette asks while somebody types, and the same as a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.query import fulltext, hits
from portal.accounts.models import Role
from portal.web.gate import allows, viewer_of
from portal.web.partial import wants_part

HELP = Path(settings.BASE_DIR) / "portal" / "docs"
IN_PALETTE, ON_PAGE = 8, 30
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
# title, words that find it, route, the role that it needs
PLACES = (
    ("Needs attention", "errors orphans unowned dangling findings", "attention", None),
    ("Add a source", "folder file url import register", "source-add", Role.ADMIN),
    ("Paste YAML", "drop register new service import", "source-paste", Role.EDITOR),
    ("Sources", "folders urls refresh", "sources", Role.VIEWER),
    ("Settings", "configuration environment", "settings", Role.ADMIN),
    ("Webhooks", "post events hooks deliveries settings", "webhooks", Role.ADMIN),
    ("Invite somebody", "people account login", "invite-new", Role.ADMIN),
    ("Tokens", "api program script bearer", "tokens", Role.VIEWER),
    ("Your profile", "me password theme time zone", "me", Role.VIEWER),
)


@dataclass(frozen=True)
class Place:
    """A page of the house that is found by its title or its words."""

    title: str
    group: str
    href: str
    icon: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Options for the palette, or a page of results for those without script."""
    text = request.GET.get("q", "").strip()[:200]
    part = wants_part(request) or "palette" in request.headers.get(
        "X-Requested-With", ""
    )
    found = hits.find(text, viewer_of(request), IN_PALETTE if part else ON_PAGE)
    context = {"text": text, "hits": found, "places": places(request, text)}
    template = "fragments/search.html" if part else "pages/search.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "X-Requested-With"])
    return response


def places(request: HttpRequest, text: str) -> list[Place]:
    """Pages and help pages whose words begin with all that was typed."""
    wanted = fulltext.words(text)
    if not wanted:
        return []
    found = [
        Place(title, "Page", reverse(route), "arrow-up-right")
        for title, more, route, role in PLACES
        if matches(wanted, f"{title} {more}") and may_open(request, role)
    ]
    found += [
        Place(title, "Help", reverse("help-page", args=[name]), "life-buoy")
        for name, title in help_titles().items()
        if matches(wanted, f"{title} {name} help")
    ]
    return found


def may_open(request: HttpRequest, role: Role | None) -> bool:
    """Is this page offered to whoever asks? Without a role it is for every reader."""
    if role in (None, Role.VIEWER):
        return role is None or request.user.is_authenticated
    return allows(request, role)


def matches(wanted: list[str], text: str) -> bool:
    """Does every word begin a word of the text?"""
    words = fulltext.words(text)
    return all(any(word.startswith(start) for word in words) for start in wanted)


@cache
def help_titles() -> dict[str, str]:
    """Titles of the help pages by the name of their file."""
    return {
        path.stem: heading[1]
        for path in sorted(HELP.glob("*.md"))
        if (heading := _HEADING.search(path.read_text("utf-8")))
    }
