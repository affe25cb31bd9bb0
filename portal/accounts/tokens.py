"""Tokens with which programs ask the API as an account: hashed, scoped, revocable.

The text of a token is shown once. It begins with `grm_`, so that scanners for secrets
know it; only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from portal.accounts import audit
from portal.accounts.models import Account, ApiToken
from portal.accounts.refusal import Refusal

PREFIX = "grm_"
MOST = 50
# How long a token may be used, in days; 0 has no end.
LASTING = {30: "30 days", 90: "90 days", 365: "A year", 0: "Until it is revoked"}
_SEEN_EVERY = timedelta(minutes=1)


def make(
    account: Account,
    title: str,
    scope: str,
    days: int,
    maker: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its text, which nobody can read again. Raises Refusal.

    One that a token asks for (`maker`) may no more than that one, and ends with it.
    """
    title = " ".join(title.split())[:100]
    _check_title(account, title)
    if scope == ApiToken.WRITE and not account.can_edit:
        raise Refusal("A token that writes needs the role Editor.", "scope")
    text = fresh()
    ends = timezone.now() + timedelta(days=days) if days else None
    with transaction.atomic():
        if maker is not None:
            _check_maker(maker, scope, ends)
        row = ApiToken.objects.create(
            account=account,
            made_by=maker,
            title=title,
            scope=scope,
            token_hash=hash_of(text),
            beginning=text[:8],
            expires_at=ends,
        )
        audit.record(account, "made the token", title, scope)
    return row, text


def _check_title(account: Account, title: str) -> None:
    open_ = ApiToken.objects.filter(account=account, revoked_at=None)
    if not title:
        raise Refusal("Say what the token is for, such as “CI of the homelab”.")
    if open_.filter(title=title).exists():
        raise Refusal(
            f"You have a token “{title}” already: revoke it or name this one."
        )
    if open_.count() >= MOST:
        raise Refusal(f"You have {MOST} tokens already: revoke some that nobody uses.")


def _check_maker(maker: ApiToken, scope: str, ends: datetime | None) -> None:
    """May this token make that one? Its row is locked: it may be revoked just now."""
    rows = ApiToken.objects.select_for_update()
    present = rows.filter(pk=maker.pk, revoked_at=None).first()
    if present is None or present.has_ended:
        raise Refusal(f"The token “{maker.title}” is revoked or has ended.")
    if not present.writes:
        raise Refusal(f"The token “{maker.title}” only reads: it makes no tokens.")
    if present.expires_at and (ends is None or ends > present.expires_at):
        raise Refusal(
            f"It would outlive the token “{maker.title}” that asks for it, which ends "
            f"on {present.expires_at:%Y-%m-%d}: ask for fewer days.",
            "days",
        )


def of(account: Account) -> QuerySet[ApiToken]:
    """The tokens of an account that are not revoked, newest first."""
    rows = ApiToken.objects.filter(account=account, revoked_at=None)
    return rows.select_related("made_by")


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


def revoke(token: ApiToken, actor: Account) -> int:
    """Nobody gets in with it any more, nor with those that it made. Returns how many
    were revoked."""
    with transaction.atomic():
        # Locked, so that it makes no other meanwhile.
        list(ApiToken.objects.select_for_update().filter(pk=token.pk))
        rows = _family(token)
        now = timezone.now()
        ApiToken.objects.filter(pk__in=[row.pk for row in rows]).update(revoked_at=now)
        for row in rows:
            audit.record(actor, "revoked the token", row.title, str(row.account))
    return len(rows)


def _family(token: ApiToken) -> list[ApiToken]:
    """It and the tokens that it made, and what those made, as far as they work."""
    found, makers = [token], [token.pk]
    while makers:
        made = ApiToken.objects.select_for_update().filter(made_by__in=makers)
        rows = list(made.filter(revoked_at=None))
        found += rows
        makers = [row.pk for row in rows]
    return found


def _note_use(row: ApiToken) -> None:
    now = timezone.now()
    if row.used_at is None or row.used_at < now - _SEEN_EVERY:
        ApiToken.objects.filter(pk=row.pk).update(used_at=now)


def fresh() -> str:
    """The text of a new token."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
