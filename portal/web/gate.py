"""Which role a page needs; says what is missing instead of only no."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from catalog.entities.viewer import Viewer
from portal.accounts.models import Account, Role

View = Callable[..., HttpResponseBase]

MISSING = {
    Role.EDITOR: "This page needs the role Editor or Administrator. "
    "Your role is {role}. Ask an administrator to change it.",
    Role.ADMIN: "This page is for administrators. "
    "Your role is {role}. Ask an administrator.",
}


def needs(role: Role) -> Callable[[View], View]:
    """Let only accounts of this role (or a larger one) into a page."""

    def decorate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            account = request.user
            if not isinstance(account, Account):
                return redirect_to_login(request.get_full_path())
            if not may(account, role):
                label = Role(account.role).label
                raise PermissionDenied(MISSING[role].format(role=label))
            return view(request, *args, **kwargs)

        return gated

    return decorate


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
