"""What a door is: who may open it, by which methods, and what lies behind it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Policy(Enum):
    """Who may open a door. Later ones are stricter; a role includes those before it."""

    ANYBODY = "Anybody"
    BADGE = "Badges"
    STATUS = "Status"
    OF_ENTITY = "One entity"
    READING = "Reading"
    SIGNED_IN = "Signed in"
    EDITOR = "Editor"
    ADMIN = "Administrator"

    @property
    def sentence(self) -> str:
        """Who that is, in words."""
        return SENTENCES[self]

    @property
    def strictness(self) -> int:
        """How few may pass: what takes changes must not be weaker than what shows."""
        return list(Policy).index(self)


_SIGNED_IN = "Everybody who is signed in"
SENTENCES = {
    Policy.ANYBODY: "Everybody who reaches Greenroom, without a login. Where a door "
    "asks for a secret of its own, the table says which.",
    Policy.BADGE: f"{_SIGNED_IN}; strangers as for “Status” and for “One entity”.",
    Policy.STATUS: f"{_SIGNED_IN}; strangers where GREENROOM_STATUS_PUBLIC or "
    "GREENROOM_PUBLIC is on. They see what is `public`, or not restricted.",
    Policy.OF_ENTITY: f"{_SIGNED_IN} and may see the entity; strangers where it is "
    "declared `public`, or where GREENROOM_PUBLIC is on and it is not restricted.",
    Policy.READING: f"{_SIGNED_IN}; strangers where GREENROOM_PUBLIC is on. Each sees "
    "what they may see, and no more.",
    Policy.SIGNED_IN: f"{_SIGNED_IN}, as a viewer or more.",
    Policy.EDITOR: "Editors and administrators.",
    Policy.ADMIN: "Administrators only.",
}

GET, POST, PATCH, DELETE = "GET", "POST", "PATCH", "DELETE"
# A page, a form that also takes what was typed, and a button.
PAGE, FORM, BUTTON = (GET,), (GET, POST), (POST,)


@dataclass(frozen=True)
class Door:
    """One way in. `secret` is what a stranger has to bring; GET includes HEAD."""

    policy: Policy
    methods: tuple[str, ...]
    why: str
    secret: str = ""


# What is not in the list, if a test ever lets it through, is opened by very few.
UNLISTED = Door(Policy.ADMIN, (), "Nobody said who may open it.")
