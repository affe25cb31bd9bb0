"""How a group or a person is reached: name, mail, chat, as their document says."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.entities.models import Entity
from portal.web.addresses import linkable

CHAT = "greenroom/chat"
_MATRIX = ("matrix:#", "matrix:@")


@dataclass(frozen=True)
class Contact:
    """One group or person. `ways` are (icon, text, href or empty)."""

    entity: Entity
    detail: str
    ways: list[tuple[str, str, str]]

    @property
    def is_group(self) -> bool:
        """Groups are drawn square."""
        return self.entity.kind == "Group"


def contact_of(entity: Entity) -> Contact:
    """The contact of an entity whose document is loaded."""
    profile = entity.spec.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    annotations = entity.metadata.get("annotations") or {}
    ways = []
    email = profile.get("email")
    if isinstance(email, str) and email:
        ways.append(("mail", email, f"mailto:{email}"))
    chat = annotations.get(CHAT, "")
    if chat:
        ways.append(("message-circle", _chat_name(chat), _chat_link(chat)))
    phone = profile.get("phone")
    if isinstance(phone, str) and phone:
        ways.append(("phone", phone, f"tel:{''.join(phone.split())}"))
    return Contact(entity, entity.type or entity.kind.lower(), ways)


def _chat_name(chat: str) -> str:
    """`matrix:#platform:lab.example` → `#platform:lab.example`."""
    return chat.removeprefix("matrix:") if chat.startswith(_MATRIX) else chat


def _chat_link(chat: str) -> str:
    """A link that a chat program opens: Matrix's own scheme, or a web address."""
    if not chat.startswith(_MATRIX):
        return linkable(chat)
    sort = "r" if chat[7] == "#" else "u"
    return f"matrix:{sort}/{chat[8:]}"
