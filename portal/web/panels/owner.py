"""Who answers for an entity, how they are reached, and who is in the group."""

from __future__ import annotations

from catalog.entities import relations
from catalog.entities.models import Entity
from portal.web.contact import contact_of
from portal.web.panel import ASIDE, Context, Panel

MEMBERS = 5


class Owner(Panel):
    """The owner with contacts."""

    name = "owner"
    place, order = ASIDE, 10

    def context(self) -> Context | None:
        listed = self.subject.owner
        if listed is None:
            return None
        viewer = self.subject.viewer
        # The list of relations comes without documents; a contact needs one.
        rows = Entity.objects.visible_to(viewer).defer("text", "final")
        owner = rows.get(pk=listed.pk)
        found = relations.around({owner.ref}, viewer, ("memberOf",))[owner.ref]
        members = [e.entity for e in found if e.entity is not None and not e.forward]
        return {
            "contact": contact_of(owner),
            "members": members[:MEMBERS],
            "more": max(0, len(members) - MEMBERS),
        }
