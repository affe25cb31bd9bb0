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


# title, icon, URL name, for administrators only
_ROOMS = (
    ("Home", "house", "home", False),
    ("Catalog", "layout-grid", "catalog", False),
    ("Sources", "folder-git-2", "sources", False),
    ("People", "users", "people", True),
)
_LOW_ROOMS = (
    ("Help", "life-buoy", "help", False),
    ("Admin", "settings", "admin:index", True),
)
_THEMES = ("auto", "light", "dark")


def shell(request: HttpRequest) -> Shell:
    """The frame for this request. Rooms that this house does not have are left out."""
    account: Any = getattr(request, "user", None)
    signed_in = bool(getattr(account, "is_authenticated", False))
    sees_all = signed_in and bool(getattr(account, "sees_all", False))
    theme = getattr(account, "theme", "") or "auto"
    return Shell(
        nav=_rooms(_ROOMS, request.path, sees_all),
        low_nav=_rooms(_LOW_ROOMS, request.path, sees_all),
        name=_name(account) if signed_in else "",
        username=account.get_username() if signed_in else "",
        entity_ref=getattr(account, "entity_ref", "") or "" if signed_in else "",
        theme=theme if theme in _THEMES else "auto",
        signed_in=signed_in,
    )


def _name(account: Any) -> str:
    return account.get_full_name() or account.get_username()


def _rooms(
    rooms: tuple[tuple[str, str, str, bool], ...], path: str, sees_all: bool
) -> list[Room]:
    found = []
    for title, icon, name, admin_only in rooms:
        href = _address(name)
        if href and (sees_all or not admin_only):
            found.append(Room(title, icon, href, _is_current(name, href, path)))
    return found


def _is_current(name: str, href: str, path: str) -> bool:
    return path == href if name == "home" else path.startswith(href)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
