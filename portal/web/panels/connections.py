"""Relations that no other card shows, by type, with the missing ones."""

from __future__ import annotations

from itertools import groupby

from portal.web.panel import MAIN, Context, Panel

SHOWN = 8
# Cards of their own show these.
_ELSEWHERE = {
    "ownedBy",
    "ownerOf",
    "partOf",
    "hasPart",
    "runsOn",
    "hosts",
    "derivedFrom",
    "baseOf",
    "evaluates",
    "evaluatedBy",
    "memberOf",
    "hasMember",
    "childOf",
    "parentOf",
}


class Connections(Panel):
    """All other relations of an entity."""

    name = "connections"
    place, order = MAIN, 46

    def context(self) -> Context | None:
        hidden = _ELSEWHERE | ({"usesData"} & self._own_data())
        edges = [edge for edge in self.subject.edges if edge.type not in hidden]
        groups = []
        for type_, found in groupby(edges, lambda edge: edge.type):
            members = list(found)
            groups.append((type_, len(members), members[:SHOWN]))
        return {"groups": groups} if groups else None

    def _own_data(self) -> set[str]:
        """Models and evals name their data in their own card."""
        return {"usesData"} if self.entity.kind in ("Model", "Eval") else set()
