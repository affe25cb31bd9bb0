"""Who may see which entity: from a login to a viewer.

The rule, which `Entity.objects.visible_to` applies: an entity is `public`, for everyone
signed in (the default), or for the users and groups that its annotation
`greenroom/visibility` names. Administrators see all. Whoever may not see an entity
cannot tell it from one that does not exist.
"""

from __future__ import annotations

from typing import Any

from catalog.entities import ceilings, ownership
from catalog.entities.viewer import Viewer


def viewer_of(account: Any, *, open_house: bool = False) -> Viewer:
    """The viewer behind a login (or AnonymousUser).

    `open_house` (setting GREENROOM_PUBLIC) lets a stranger read what is not restricted.
    The account offers `is_authenticated`, `entity_ref` and `sees_all`.
    """
    if not getattr(account, "is_authenticated", False):
        nobody: frozenset[str] = frozenset()
        return Viewer(signed_in=open_house, closed=ceilings.closed_to(nobody))
    ref = getattr(account, "entity_ref", "") or ""
    principals = ownership.principals(ref) if ref else frozenset()
    return Viewer(
        signed_in=True,
        ref=ref,
        sees_all=bool(getattr(account, "sees_all", False)),
        principals=principals,
        closed=ceilings.closed_to(principals),
    )
