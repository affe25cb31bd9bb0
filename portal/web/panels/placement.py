"""Where it runs, and what runs there."""

from __future__ import annotations

from portal.web.panel import ASIDE, Context, Panel

SHOWN = 12


class Placement(Panel):
    """`runsOn` from both ends."""

    name = "placement"
    place, order = ASIDE, 40

    def context(self) -> Context | None:
        places = self.subject.along("runsOn")
        hosted = self.subject.along("hosts")
        if not places and not hosted:
            return None
        return {
            "places": places,
            "hosted": hosted[:SHOWN],
            "more": max(0, len(hosted) - SHOWN),
        }
