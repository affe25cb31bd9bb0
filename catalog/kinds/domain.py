"""Domain: systems that share a purpose."""

from __future__ import annotations

from pydantic import Field

from catalog import kind


class DomainSpec(kind.Spec):
    """Spec of a Domain."""

    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    subdomainOf: kind.InDomain | None = Field(
        None, description="The domain it is part of."
    )
    type: str | None = Field(None, description="What sort of domain.")


class Domain(kind.Kind):
    """Systems that share a purpose."""

    name = "Domain"
    plural = "Domains"
    summary = "Systems that share a purpose or a part of the business."
    icon = "globe"
    api_versions = kind.BACKSTAGE
    Spec = DomainSpec
