"""What a system or a domain is made of."""

from __future__ import annotations

from itertools import groupby

from catalog.kind import KINDS
from portal.web.panel import MAIN, Context, Panel

SHOWN = 12


class Parts(Panel):
    """The far end of `partOf`, by kind."""

    name = "parts"
    place, order = MAIN, 15

    def context(self) -> Context | None:
        parts = self.subject.visible("hasPart")
        if not parts:
            return None
        parts.sort(key=lambda part: (part.kind, part.label.casefold()))
        groups = []
        for kind, members in groupby(parts, lambda part: part.kind):
            rows = list(members)
            title = KINDS[kind].plural if kind in KINDS else kind
            groups.append((kind, title, len(rows), rows[:SHOWN]))
        return {"groups": groups, "total": len(parts)}
