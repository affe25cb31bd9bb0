"""The versions of a model: which one is in production, since when, from which base."""

from __future__ import annotations

from portal.web.addresses import web_address
from portal.web.panel import MAIN, Context, Panel


class Versions(Panel):
    """`spec.versions` of a Model as a table."""

    name = "versions"
    place, order = MAIN, 30
    kinds = ("Model",)

    def context(self) -> Context | None:
        versions = self.spec.get("versions") or []
        if not versions:
            return None
        return {
            "versions": versions,
            "in_production": sum(v.get("stage") == "production" for v in versions),
            "has_base": any(version.get("baseModel") for version in versions),
            "hrefs": [web_address(version.get("artifact")) for version in versions],
        }
