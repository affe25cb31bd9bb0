"""The picture of what is around an entity, with the same edges as a table."""

from __future__ import annotations

from catalog.entities import graph
from portal.web.panel import MAIN, Context, Panel
from portal.web.picture import LIMIT, picture_of


class Relations(Panel):
    """The relations of an entity as a picture."""

    name = "relations"
    place, order = MAIN, 20

    def context(self) -> Context | None:
        if self.subject.is_people:
            return None
        ref = self.entity.ref
        viewer, edges = self.subject.viewer, self.subject.edges
        ego = graph.ego(ref, viewer, limit=LIMIT, known=edges)
        if not ego.edges:
            return None
        label = f"Relations of {self.entity.label}"
        return {"picture": picture_of(ego, ref), "label": label}
