"""User: one person."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalog import kind


class UserSpec(kind.Spec):
    """Spec of a User."""

    memberOf: list[Annotated[str, kind.RefTo("memberOf", "hasMember", "Group")]] = (
        Field(description="The groups that the person is in; [] when in none.")
    )
    profile: kind.Profile | None = Field(None, description="How the person is shown.")


class User(kind.Kind):
    """One person."""

    name = "User"
    plural = "Users"
    summary = "A person: a member of groups, an owner, somebody who can be reached."
    icon = "user"
    api_versions = kind.BACKSTAGE
    Spec = UserSpec
