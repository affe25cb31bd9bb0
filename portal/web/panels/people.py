"""Who is in a group, and how groups lie inside each other."""

from __future__ import annotations

from portal.web.panel import MAIN, Context, Panel


class People(Panel):
    """Members, the group above and the groups inside; for a person, the groups."""

    name = "people"
    place, order = MAIN, 30
    kinds = ("Group", "User")

    def context(self) -> Context | None:
        subject = self.subject
        found = {
            "members": subject.along("hasMember"),
            "above": subject.along("childOf", "memberOf"),
            "inside": subject.along("parentOf"),
        }
        return {"is_group": self.entity.kind == "Group", **found}
