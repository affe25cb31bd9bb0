"""The picture of what is around an entity, with the same edges as a table."""

from __future__ import annotations

from catalog.entities import graph
from portal.web.panel import MAIN, Context, Panel
from portal.web.picture import drawing_of


class Relations(Panel):
    """The relations of an entity as a picture."""

    name = "relations"
    place, order = MAIN, 20

    def context(self) -> Context | None:
        ref = self.entity.ref
        pictured = [
            edge
            for edge in self.subject.edges
            if not edge.other.startswith(("group:", "user:"))
        ]
        if not pictured:
            return None
        ego = graph.ego(ref, self.subject.viewer)
        drawing, between = drawing_of(ego, ref)
        drawn = sum(
            ref in (line.edge.source, line.edge.target) for line in drawing.lines
        )
        return {
            "drawing": drawing,
            "hidden": between + len(pictured) - drawn,
            "label": f"Relations of {self.entity.label}",
            "users": sum(not edge.forward for edge in pictured),
            "uses": sum(edge.forward for edge in pictured),
        }
