"""What stands around every page: navigation, who is signed in, theme, brand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True)
class Room:
    """One entry of the navigation."""

    title: str
    icon: str
    href: str
    current: bool


@dataclass(frozen=True)
class Shell:
    """The frame of one page for one reader."""

    nav: list[Room]
    low_nav: list[Room]
    name: str
    username: str
    entity_ref: str
    theme: str
    signed_in: bool


EVERYBODY, EDITORS, ADMINS = 0, 1, 2

# title, icon, URL name, for whom
_ROOMS = (
    ("Home", "house", "home", EVERYBODY),
    ("Catalog", "layout-grid", "catalog", EVERYBODY),
    ("Changes", "history", "changes", EVERYBODY),
    ("Drift", "waypoints", "drift", EVERYBODY),
    ("Sources", "folder-git-2", "sources", EDITORS),
    ("People", "users", "people", ADMINS),
)
_LOW_ROOMS = (
    ("Status page", "activity", "status", EVERYBODY),
    ("Help", "life-buoy", "help", EVERYBODY),
    ("Settings", "settings", "settings", ADMINS),
    ("Admin", "shield", "admin:index", ADMINS),
)
# Below these lie other rooms of the list; beside it, pages that are no room themselves.
_ALONE: dict[str, tuple[str, ...]] = {
    "home": (),
    "settings": (
        "secrets",
        "notifications",
        "webhooks",
        "backstage",
        "engine",
        "metrics-settings",
    ),
}
_THEMES = ("auto", "light", "dark")


def shell(request: HttpRequest) -> Shell:
    """The frame for this request. Rooms that this house does not have are left out."""
    account: Any = getattr(request, "user", None)
    signed_in = bool(getattr(account, "is_authenticated", False))
    level = _level(account) if signed_in else EVERYBODY
    theme = getattr(account, "theme", "") or "auto"
    return Shell(
        nav=_rooms(_ROOMS, request.path, level),
        low_nav=_rooms(_LOW_ROOMS, request.path, level),
        name=_name(account) if signed_in else "",
        username=account.get_username() if signed_in else "",
        entity_ref=getattr(account, "entity_ref", "") or "" if signed_in else "",
        theme=theme if theme in _THEMES else "auto",
        signed_in=signed_in,
    )


def _name(account: Any) -> str:
    name: str = account.get_full_name() or account.get_username()
    return name


def _level(account: Any) -> int:
    if getattr(account, "is_admin", False):
        return ADMINS
    return EDITORS if getattr(account, "can_edit", False) else EVERYBODY


def _rooms(
    rooms: tuple[tuple[str, str, str, int], ...], path: str, level: int
) -> list[Room]:
    found = []
    for title, icon, name, for_whom in rooms:
        href = _address(name)
        if href and level >= for_whom:
            found.append(Room(title, icon, href, _is_current(name, href, path)))
    return found


def _is_current(name: str, href: str, path: str) -> bool:
    if name in _ALONE:
        return path == href or path.startswith(tuple(map(_address, _ALONE[name])))
    return path.startswith(href)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
