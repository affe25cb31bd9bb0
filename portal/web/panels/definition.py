"""The contract of an API, folded."""

from __future__ import annotations

import json

from portal.web.panel import MAIN, Context, Panel


class Definition(Panel):
    """`spec.definition` and the remotes of an API."""

    name = "definition"
    place, order = MAIN, 45
    kinds = ("API",)

    def context(self) -> Context | None:
        definition = self.spec.get("definition")
        if isinstance(definition, dict):
            definition = json.dumps(definition, indent=2, ensure_ascii=False)
        remotes = self.spec.get("remotes") or []
        if not definition and not remotes:
            return None
        return {
            "text": definition or "",
            "lines": len((definition or "").splitlines()),
            "remotes": remotes,
        }
