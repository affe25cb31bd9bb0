"""System: components, APIs and resources that together do one thing."""

from __future__ import annotations

from pydantic import Field

from catalog import kind


class SystemSpec(kind.Spec):
    """Spec of a System."""

    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    domain: kind.InDomain | None = Field(None, description="The domain it is part of.")
    type: str | None = Field(None, description="What sort of system.")


class System(kind.Kind):
    """Components, APIs and resources that together do one thing."""

    name = "System"
    plural = "Systems"
    summary = "Components, APIs and resources that together do one thing."
    icon = "layers"
    api_versions = kind.BACKSTAGE
    Spec = SystemSpec
