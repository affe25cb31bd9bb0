"""Which role a page needs; says what is missing instead of only no."""

from __future__ import annotations

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from catalog.entities.viewer import Viewer
from portal.accounts.models import Account, Role
from portal.doors import Door, Policy

MISSING = {
    Role.EDITOR: "This page needs the role Editor or Administrator. "
    "Your role is {role}. Ask an administrator to change it.",
    Role.ADMIN: "This page is for administrators. "
    "Your role is {role}. Ask an administrator.",
}


ROLES = {Policy.EDITOR: Role.EDITOR, Policy.ADMIN: Role.ADMIN}


def check(request: HttpRequest, door: Door) -> None:
    """Let only accounts of the door's role (or a larger one) in, as the list says.
    Raises PermissionDenied, with what is missing."""
    role = ROLES.get(door.policy)
    if role is not None and not allows(request, role):
        label = Role(account_of(request).role).label
        raise PermissionDenied(MISSING[role].format(role=label))


def may(account: Account, role: Role) -> bool:
    """Has this account the role, or a larger one?"""
    return account.is_admin if role == Role.ADMIN else account.can_edit


def account_of(request: HttpRequest) -> Account:
    """Who is signed in, on a page that nobody else reaches."""
    if not isinstance(request.user, Account):
        raise PermissionDenied("This page needs a login.")
    return request.user


def allows(request: HttpRequest, role: Role) -> bool:
    """Has whoever asks this role? A stranger has none."""
    return isinstance(request.user, Account) and may(request.user, role)


def viewer_of(request: HttpRequest) -> Viewer:
    """Who looks, as the catalog sees it: what the middleware put on the request."""
    return cast("Viewer", vars(request)["viewer"])
