"""What an entity is: description, type, what it is part of, tags, its place."""

from __future__ import annotations

from portal.web.addresses import source_address
from portal.web.entity_head import lead_of
from portal.web.panel import ASIDE, Context, Panel
from techdocs.markdown import render

_LOCATION = "backstage.io/source-location"


class About(Panel):
    """What an entity is."""

    name = "about"
    place, order = ASIDE, 20

    def context(self) -> Context | None:
        entity, metadata = self.entity, self.entity.metadata
        known = self.subject.kind
        text = entity.description.strip()
        is_longer = text != lead_of(entity)
        location = self.subject.annotations.get(_LOCATION, "")
        return {
            "description": render(text).html if is_longer else "",
            "type_title": known.types.get(entity.type, "") if known else "",
            "parts": self.subject.along("partOf"),
            "tags": metadata.get("tags") or [],
            "labels": metadata.get("labels") or {},
            "annotations": self.subject.annotations,
            "location": location.removeprefix("url:"),
            "location_href": source_address(location),
        }
