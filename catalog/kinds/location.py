"""Location: a list of further documents to read."""

from __future__ import annotations

from pydantic import Field

from catalog import kind


class LocationSpec(kind.Spec):
    """Spec of a Location."""

    type: str | None = Field(
        None, description="file or url; that of the source if empty."
    )
    target: kind.Text | None = Field(None, description="One file or URL to read.")
    targets: list[kind.Text] | None = Field(
        None, description="Files or URLs to read, relative to this document."
    )
    presence: str | None = Field(None, description="required or optional.")


class Location(kind.Kind):
    """A list of further documents to read."""

    name = "Location"
    plural = "Locations"
    summary = "A list of further documents to read."
    icon = "map-pin"
    api_versions = kind.BACKSTAGE
    Spec = LocationSpec
