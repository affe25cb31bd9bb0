"""Tokens with which programs ask the API as an account: hashed, scoped, revocable.

The text of a token is shown once. It begins with `grm_`, so that scanners for secrets
know it; only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from catalog.entities import sql
from portal.accounts import audit
from portal.accounts.models import Account, ApiToken
from portal.accounts.refusal import Refusal

PREFIX = "grm_"
MOST = 50
# How long a token may be used, in days; 0 has no end.
LASTING = {30: "30 days", 90: "90 days", 365: "A year", 0: "Until it is revoked"}
_SEEN_EVERY = timedelta(minutes=1)
_SQL = (
    "SELECT t.id, t.title, t.scope, t.used_at IS NULL OR t.used_at < %s, a.id, "
    "a.username, a.display_name, a.role, a.entity_ref, a.time_zone, s.generation "
    "FROM accounts_apitoken t JOIN accounts_account a ON a.id = t.account_id "
    "LEFT JOIN entities_catalogstate s ON s.id = 1 "
    "WHERE t.token_hash = %s AND t.revoked_at IS NULL AND a.is_active "
    "AND (t.expires_at IS NULL OR t.expires_at > %s)"
)
M = TypeVar("M", bound=Model)


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


class Known(NamedTuple):
    """A token that may be used now, its account, and how far the catalog is."""

    token: int
    title: str
    scope: str
    is_news: bool
    account: int
    username: str
    display_name: str
    role: str
    entity_ref: str
    time_zone: str
    generation: int | None


def known(text: str) -> Known | None:
    """What is known of the token of this text, if it may be used now; that it is used
    is noted once a minute. One statement."""
    now = timezone.now()
    moment = connection.ops.adapt_datetimefield_value
    row = sql.row(_SQL, [moment(now - _SEEN_EVERY), hash_of(text), moment(now)])
    if row is None:
        return None
    found = Known(*row)
    if found.is_news:
        ApiToken.objects.filter(pk=found.token).update(used_at=now)
    return found


def find(text: str) -> ApiToken | None:
    """The token of this text with its account, if it may be used now. What else there
    is of the two is read when it is asked for."""
    found = known(text)
    if found is None:
        return None
    account = _made(
        Account,
        id=found.account,
        username=found.username,
        display_name=found.display_name,
        role=found.role,
        entity_ref=found.entity_ref,
        time_zone=found.time_zone,
        is_active=True,
    )
    token = _made(
        ApiToken,
        id=found.token,
        title=found.title,
        scope=found.scope,
        account_id=found.account,
    )
    token.account = account
    return token


def _made(model: type[M], **values: Any) -> M:
    """A row of which only these columns were read."""
    names = [field.attname for field in model._meta.concrete_fields]
    given = [name for name in names if name in values]
    return model.from_db(connection.alias, given, [values[name] for name in given])


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


def fresh() -> str:
    """The text of a new token."""
    return PREFIX + secrets.token_urlsafe(32)


def hash_of(text: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(text.encode()).hexdigest()
