"""The links that the document names: dashboards, repositories, the thing itself."""

from __future__ import annotations

from portal.web.addresses import linkable
from portal.web.panel import ASIDE, Context, Panel


class Links(Panel):
    """`metadata.links`."""

    name = "links"
    place, order = ASIDE, 60

    def context(self) -> Context | None:
        links = [
            (link.get("title") or link.get("url"), linkable(link.get("url")))
            for link in self.entity.metadata.get("links") or []
        ]
        safe = [(title, href) for title, href in links if href]
        return {"links": safe} if safe else None
