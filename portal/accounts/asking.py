"""Who asks with a token, in one statement of plain SQL: for reads by the thousand.

The account and the token are looked up each time, so that who is revoked is out at
once. What they may see is kept as long as the catalog's generation lasts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from catalog.entities import generation, sql
from catalog.entities.access import viewer_of
from catalog.entities.viewer import Viewer
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken

_SQL = (
    "SELECT t.id, t.scope, t.used_at IS NULL OR t.used_at < %s, a.id, a.role, "
    "a.entity_ref, s.generation FROM accounts_apitoken t "
    "JOIN accounts_account a ON a.id = t.account_id "
    "LEFT JOIN entities_catalogstate s ON s.id = 1 "
    "WHERE t.token_hash = %s AND t.revoked_at IS NULL AND a.is_active "
    "AND (t.expires_at IS NULL OR t.expires_at > %s)"
)
_VIEWERS: generation.Cache[Viewer] = generation.Cache(limit=500)


@dataclass(frozen=True)
class Asker:
    """An account behind a token; `edits` where both may change something."""

    account: int
    role: str
    entity_ref: str
    writes: bool
    generation: int

    @property
    def edits(self) -> bool:
        """May this asker change anything?"""
        return self.writes and self._account.can_edit

    @property
    def viewer(self) -> Viewer:
        """What they see. Ask within `generation.read_once`."""
        key = self.role, self.entity_ref
        return _VIEWERS.get(key, lambda: viewer_of(self._account))

    @property
    def _account(self) -> Account:
        return Account(pk=self.account, role=self.role, entity_ref=self.entity_ref)


def by_token(text: str) -> Asker | None:
    """The asker behind the text of a token, if it may be used now."""
    now = timezone.now()
    moment = connection.ops.adapt_datetimefield_value
    # Its use is noted once a minute.
    values = [moment(now - timedelta(minutes=1)), tokens.hash_of(text), moment(now)]
    row = sql.row(_SQL, values)
    if row is None:
        return None
    key, scope, is_news, account, role, entity_ref, number = row
    if is_news:
        ApiToken.objects.filter(pk=key).update(used_at=now)
    writes = scope == ApiToken.WRITE
    return Asker(account, role, entity_ref, writes, number or 0)
