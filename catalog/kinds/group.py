"""Group: people who answer for something together."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalog import kind


class GroupSpec(kind.Spec):
    """Spec of a Group."""

    type: kind.Text = Field(description="What sort of group.", examples=["team"])
    children: list[
        Annotated[str, kind.RefTo("childOf", "parentOf", "Group", reverse=True)]
    ] = Field(description="The groups inside it; [] when it has none.")
    parent: Annotated[str, kind.RefTo("childOf", "parentOf", "Group")] | None = Field(
        None, description="The group it is inside."
    )
    members: (
        list[Annotated[str, kind.RefTo("memberOf", "hasMember", "User", reverse=True)]]
        | None
    ) = Field(None, description="Its people.")
    profile: kind.Profile | None = Field(None, description="How it is shown.")


class Group(kind.Kind):
    """People who answer for something together."""

    name = "Group"
    plural = "Groups"
    summary = "A team or department: who owns things, and who may see them."
    icon = "users"
    api_versions = kind.BACKSTAGE
    types = {"team": "A team", "department": "A department", "root": "The whole house"}
    Spec = GroupSpec
