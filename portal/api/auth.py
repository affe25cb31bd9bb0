"""Who asks: a token, or the session of a browser. The rest of the house decides what
they may see and do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from portal.api.problems import ApiProblem
from portal.web.gate import account_of, may

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenAuth(HttpBearer):
    """`Authorization: Bearer grm_…`; a token that only reads changes nothing."""

    def authenticate(self, request: HttpRequest, token: str) -> Account | None:
        """The account behind a token."""
        row = tokens.find(token)
        if row is None:
            return None
        if request.method not in READING and not row.writes:
            said = f"The token “{row.title}” only reads."
            raise ApiProblem(403, said, "Make one that writes, under your profile.")
        request.user = row.account
        vars(request)["api_token"] = row
        return row.account


class BrowserAuth(SessionAuth):
    """The session of a browser; what changes something needs the CSRF token."""

    def __call__(self, request: HttpRequest) -> Any:
        """Who is not signed in lacks that, and not the CSRF token."""
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The account that is signed in."""
        return request.user if request.user.is_authenticated else None


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token that asks; None for the session of a browser."""
    found: ApiToken | None = vars(request).get("api_token")
    return found


def editor(request: HttpRequest) -> Account:
    """The account that asks, which may edit. Raises ApiProblem."""
    return _of_role(request, Role.EDITOR, "Editor or Administrator")


def administrator(request: HttpRequest) -> Account:
    """The account that asks, which is an administrator. Raises ApiProblem."""
    return _of_role(request, Role.ADMIN, "Administrator")


def _of_role(request: HttpRequest, role: Role, named: str) -> Account:
    account = account_of(request)
    if not may(account, role):
        said = f"This needs the role {named}; yours is {account.get_role_display()}."
        raise ApiProblem(403, said, "Ask an administrator.")
    return account
