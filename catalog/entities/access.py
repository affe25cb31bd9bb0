"""Who may see which entity: the only place that decides.

The rule: an entity is `public`, for everyone signed in (the default), or for the users
and groups that its annotation `greenroom/visibility` names. Administrators see all.
Whoever may not see an entity cannot tell it from one that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.entities import ownership
from catalog.entities.models import Entity


@dataclass(frozen=True)
class Viewer:
    """Somebody who looks: `ref` is the User entity behind the login, or empty."""

    signed_in: bool = False
    ref: str = ""
    sees_all: bool = False
    principals: frozenset[str] = frozenset()

    @property
    def audiences(self) -> tuple[str, ...]:
        """The values of Entity.audience that this viewer sees without being named."""
        if self.signed_in:
            return (Entity.PUBLIC, Entity.SIGNED_IN)
        return (Entity.PUBLIC,)


EVERYTHING = Viewer(signed_in=True, sees_all=True)


def viewer_of(account: Any, *, open_house: bool = False) -> Viewer:
    """The viewer behind a login (or AnonymousUser).

    `open_house` (setting GREENROOM_PUBLIC) lets a stranger read what is not restricted.
    The account offers `is_authenticated`, `entity_ref` and `sees_all`.
    """
    if not getattr(account, "is_authenticated", False):
        return Viewer(signed_in=open_house)
    ref = getattr(account, "entity_ref", "") or ""
    return Viewer(
        signed_in=True,
        ref=ref,
        sees_all=bool(getattr(account, "sees_all", False)),
        principals=ownership.principals(ref) if ref else frozenset(),
    )
