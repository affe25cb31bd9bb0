"""Who asks with a token, without a model being made: for reads by the thousand.

The account and the token are looked up each time, so that who is revoked is out at
once. What they may see is kept as long as the catalog's generation lasts.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog.entities import generation
from catalog.entities.access import viewer_of
from catalog.entities.viewer import Viewer
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken

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
    known = tokens.known(text)
    if known is None:
        return None
    writes = known.scope == ApiToken.WRITE
    return Asker(
        known.account, known.role, known.entity_ref, writes, known.generation or 0
    )
