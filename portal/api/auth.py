"""Who asks: a token, or the session of a browser; and whether the list of doors lets
them ask that. What they see the rest of the house decides."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from portal import doors
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from portal.api.problems import ApiProblem
from portal.web.gate import ROLES, may

READING = frozenset({"GET", "HEAD", "OPTIONS"})
NEEDED = {
    Role.EDITOR: "This needs the role Editor or Administrator.",
    Role.ADMIN: "This is for administrators.",
}


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
        return check(row.account, request)


class BrowserAuth(SessionAuth):
    """The session of a browser; what changes something needs the CSRF token."""

    def __call__(self, request: HttpRequest) -> Any:
        """Who is not signed in lacks that, and not the CSRF token."""
        return super().__call__(request) if request.user.is_authenticated else None

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        """The account that is signed in."""
        account = request.user
        return check(account, request) if isinstance(account, Account) else None


def token_of(request: HttpRequest) -> ApiToken | None:
    """The token that asks; None for the session of a browser."""
    found: ApiToken | None = vars(request).get("api_token")
    return found


def check(account: Account, request: HttpRequest) -> Account:
    """The account, if it may open this door of the list. Raises ApiProblem."""
    match = request.resolver_match
    door = doors.of_operation(request.method or "", match.route if match else "")
    role = ROLES.get(door.policy)
    if role is not None and not may(account, role):
        said = f"{NEEDED[role]} Yours is {account.get_role_display()}."
        raise ApiProblem(403, said, "Ask an administrator.")
    return account
