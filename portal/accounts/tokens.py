"""Tokens with which programs ask the API as an account: hashed, scoped, revocable.

The text of a token is shown once. It begins with `grm_`, so that scanners for secrets
know it; only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from portal.accounts import audit
from portal.accounts.models import Account, ApiToken
from portal.accounts.refusal import Refusal

PREFIX = "grm_"
MOST = 50
# How long a token may be used, in days; 0 has no end.
LASTING = {30: "30 days", 90: "90 days", 365: "A year", 0: "Until it is revoked"}
_SEEN_EVERY = timedelta(minutes=1)


def make(account: Account, title: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can read again. Raises Refusal."""
    title = " ".join(title.split())[:100]
    open_ = ApiToken.objects.filter(account=account, revoked_at=None)
    if not title:
        raise Refusal("Say what the token is for, such as “CI of the homelab”.")
    if open_.filter(title=title).exists():
        raise Refusal(
            f"You have a token “{title}” already: revoke it or name this one."
        )
    if open_.count() >= MOST:
        raise Refusal(f"You have {MOST} tokens already: revoke some that nobody uses.")
    if scope == ApiToken.WRITE and not account.can_edit:
        raise Refusal("A token that writes needs the role Editor.")
    text = PREFIX + secrets.token_urlsafe(32)
    ends = timezone.now() + timedelta(days=days) if days else None
    row = ApiToken.objects.create(
        account=account,
        title=title,
        scope=scope,
        token_hash=hash_of(text),
        beginning=text[:8],
        expires_at=ends,
    )
    audit.record(account, "made the token", title, scope)
    return row, text


def find(text: str) -> ApiToken | None:
    """The token of this text, if it may be used now."""
    row = (
        ApiToken.objects.select_related("account")
        .filter(token_hash=hash_of(text), revoked_at=None, account__is_active=True)
        .first()
    )
    if row is None or row.has_ended:
        return None
    _note_use(row)
    return row


def revoke(token: ApiToken, actor: Account) -> None:
    """Nobody gets in with it any more, from now on."""
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    audit.record(actor, "revoked the token", token.title, str(token.account))


def _note_use(row: ApiToken) -> None:
    now = timezone.now()
    if row.used_at is None or row.used_at < now - _SEEN_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(used_at=now)


def hash_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
