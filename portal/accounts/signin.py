"""Sign in by user name or e-mail, without telling a stranger which names exist."""

from __future__ import annotations

from django.contrib import auth
from django.http import HttpRequest

from portal.accounts import attempts
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal

WRONG = "The name or the password is not right."
WAY_OUT = "An administrator can make a reset link."


def sign_in(request: HttpRequest, name: str, password: str) -> Account:
    """Open a session; raises Refusal with the same sentence whatever was wrong."""
    username = _username(name)
    address = request.META.get("REMOTE_ADDR", "")
    try:
        attempt = attempts.begin("sign-in", username, address)
    except Refusal as refusal:
        raise Refusal(f"{refusal.sentence} {WAY_OUT}") from None
    account = auth.authenticate(request, username=username, password=password)
    if not isinstance(account, Account):
        raise Refusal(WRONG)
    attempts.forget(attempt)
    auth.login(request, account)
    return account


def _username(name: str) -> str:
    """The user name behind what was typed; e-mail and name count as one in attempts."""
    name = name.strip()
    if "@" in name:
        found = Account.objects.filter(email__iexact=name).first()
        return found.username if found else name.lower()
    return name.lower()
