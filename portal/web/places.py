"""The pages of the house and of the help, found by their titles and other words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from catalog.query import fulltext
from portal.accounts.models import Role
from portal.web.gate import allows

HELP = Path(settings.BASE_DIR) / "portal" / "docs"
_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
_ALL, _LOGIN = None, Role.VIEWER
# title, words that find it, route, the role that it needs
PLACES: tuple[tuple[str, str, str, Role | None], ...] = (
    ("Home", "start overview dashboard", "home", _ALL),
    ("Catalog", "entities list index services models", "catalog", _ALL),
    ("Needs attention", "errors orphans unowned dangling findings", "attention", _ALL),
    ("What changed", "changes history recent difference", "changes", _ALL),
    ("Status page", "state up down outages availability", "status", _ALL),
    ("Drift", "declared observed differences deviation", "drift", _LOGIN),
    ("Saved views", "queries bookmarks shared filters", "views", _LOGIN),
    ("Tokens", "api program script bearer", "tokens", _LOGIN),
    ("Your profile", "me password theme time zone account", "me", _LOGIN),
    ("Sources", "folders urls git refresh", "sources", Role.EDITOR),
    ("Paste YAML", "drop register new service import", "source-paste", Role.EDITOR),
    ("Add a source", "folder file url import register", "source-add", Role.ADMIN),
    ("Settings", "configuration environment", "settings", Role.ADMIN),
    ("Connect Backstage", "export yaml location token", "backstage", Role.ADMIN),
    ("Secrets", "credentials passwords keys", "secrets", Role.ADMIN),
    ("Notifications", "receivers alerts webhook mail", "notifications", Role.ADMIN),
    ("Webhooks", "post events hooks deliveries settings", "webhooks", Role.ADMIN),
    ("Add a receiver", "notifications alerts webhook", "notification-add", Role.ADMIN),
    ("Health of Greenroom", "operations engine worker probes", "engine", Role.ADMIN),
    ("Metrics", "prometheus scrape grafana", "metrics-settings", Role.ADMIN),
    ("People", "accounts users roles invites", "people", Role.ADMIN),
    ("Invite somebody", "people account login", "invite-new", Role.ADMIN),
    ("Welcome", "begin example set-up first steps", "welcome", Role.ADMIN),
    ("Admin", "django database rows", "admin:index", Role.ADMIN),
)
# title, words, route: pages of the help that no file holds
_REFERENCES = (
    ("Help on queries", "search fields language filter", "help-queries"),
    ("API reference", "rest http endpoints openapi swagger", "help-api"),
    ("Help on kinds", "component api model fields", "help-kinds"),
    ("Help on probers", "probes checks monitoring", "help-probers"),
    ("Schemas", "json schema editor", "schemas"),
)


@dataclass(frozen=True)
class Offer:
    """Something to open; where it `is_deed`, what is done by a form to its address."""

    title: str
    side: str
    href: str
    icon: str
    is_deed: bool = False


def pages(request: HttpRequest, wanted: list[str]) -> list[Offer]:
    """The pages whose words begin with all that was typed, for those who may open
    them."""
    return [
        Offer(title, "", reverse(route), "arrow-up-right")
        for title, more, route, role in PLACES
        if matches(wanted, f"{title} {more}") and may_open(request, role)
    ]


def help_pages(wanted: list[str]) -> list[Offer]:
    """The same for what is to be read."""
    found = [
        (title, reverse(route))
        for title, more, route in _REFERENCES
        if matches(wanted, f"{title} {more} help")
    ]
    found += [
        (title, reverse("help-page", args=[name]))
        for name, title in help_titles().items()
        if matches(wanted, f"{title} {name} help")
    ]
    return [Offer(title, "", href, "life-buoy") for title, href in found]


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
