"""How a group or a person is reached."""

from __future__ import annotations

from portal.web.contact import contact_of
from portal.web.panel import ASIDE, Context, Panel


class ContactPanel(Panel):
    """Mail and chat of a group or a person."""

    name = "contact"
    place, order = ASIDE, 10
    kinds = ("Group", "User")

    def context(self) -> Context | None:
        contact = contact_of(self.entity)
        return {"contact": contact} if contact.ways else None
