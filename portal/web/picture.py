"""The surroundings of an entity as a drawing that fits its card.

All neighbours are drawn: users to the left, needs to the right. What lies behind them
is drawn where only one side has any; else it is counted, and shown under Dependencies.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog import refs
from catalog.entities.graph import Ego
from catalog.entities.models import Entity
from portal.web.graph_layout import Drawing, Edge, Node, draw
from portal.web.icons import look
from portal.web.jinja import entity_url

LIMIT = 30


@dataclass(frozen=True)
class Picture:
    """A drawing, and the edges it leaves out: of the entity itself, and further."""

    drawing: Drawing
    hidden: int
    further: int
    users: int
    uses: int


def picture_of(ego: Ego, focus: str) -> Picture:
    """The drawing around one entity."""
    edges = sorted(ego.edges)
    users = {source for source, _, target in edges if target == focus}
    uses = {target for source, _, target in edges if source == focus}
    kept = {focus} | users | uses if users and uses else set(ego.nodes)
    drawn = [Edge(s, t, type_) for s, type_, t in edges if {s, t} <= kept]
    nodes = [_node(ref, ego.nodes[ref], focus) for ref in ego.nodes if ref in kept]
    overflows = len(ego.nodes) >= LIMIT
    return Picture(
        drawing=draw(nodes, drawn),
        hidden=ego.hidden_edges if overflows else 0,
        further=len(edges) - len(drawn) + (0 if overflows else ego.hidden_edges),
        users=len(users),
        uses=len(uses),
    )


def _node(ref: str, entity: Entity | None, focus: str) -> Node:
    if entity is None:
        return Node(ref, refs.short(ref), "missing", "unlink")
    kind = entity.type or entity.kind.lower()
    icon, hue = look(entity.kind, entity.type)
    is_focus = ref == focus
    return Node(ref, entity.label, kind, icon, hue, entity_url(entity), focus=is_focus)
