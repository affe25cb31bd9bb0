"""What a Location leads to."""

from __future__ import annotations

from portal.web.addresses import web_address
from portal.web.panel import MAIN, Context, Panel

SHOWN = 50


class Targets(Panel):
    """The files and addresses that a Location names."""

    name = "targets"
    place, order = MAIN, 10
    kinds = ("Location",)

    def context(self) -> Context | None:
        one, many = self.spec.get("target"), self.spec.get("targets") or []
        targets = [str(target) for target in [one, *many] if target]
        if not targets:
            return None
        shown = [(target, web_address(target)) for target in targets[:SHOWN]]
        return {"targets": shown, "total": len(targets)}
