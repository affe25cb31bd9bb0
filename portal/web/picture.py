"""Which of the surroundings of an entity are drawn: a picture that can still be read.

All neighbours are drawn: users to the left, needs to the right. Where one side is empty
and there is room, so is what lies behind the other. Being part of a system is drawn for
the entity itself only; a line from every neighbour to the same system tells nothing.
"""

from __future__ import annotations

from catalog import refs
from catalog.entities.graph import Ego
from catalog.entities.models import Entity
from portal.web.graph_layout import Drawing, Edge, Node, draw
from portal.web.icons import look
from portal.web.jinja import entity_url

ROOM = 14
Triple = tuple[str, str, str]


def choose(ego: Ego, focus: str) -> tuple[list[str], list[Triple]]:
    """The nodes and the edges to draw, the focus first."""
    near = {end for s, _, t in ego.edges if focus in (s, t) for end in (s, t)}
    kept = dict.fromkeys([focus, *(ref for ref in ego.nodes if ref in near)])
    for ref in _further(ego, focus, near):
        if len(kept) >= ROOM:
            break
        kept[ref] = None
    edges = [
        (s, type_, t)
        for s, type_, t in sorted(ego.edges)
        if s in kept and t in kept and (focus in (s, t) or type_ != "partOf")
    ]
    return list(kept), edges


def _further(ego: Ego, focus: str, near: set[str]) -> list[str]:
    """What lies behind the neighbours, on their own side."""
    needed = {t for s, _, t in ego.edges if s == focus}
    users = {s for s, _, t in ego.edges if t == focus}
    if needed and users:
        return []
    found = []
    for source, type_, target in sorted(ego.edges, key=_by_weight):
        if type_ == "partOf":
            continue
        if source in needed and target not in near:
            found.append(target)
        if target in users and source not in near:
            found.append(source)
    return list(dict.fromkeys(found))


def _by_weight(edge: Triple) -> tuple[bool, Triple]:
    return edge[1] != "dependsOn", edge


def drawing_of(ego: Ego, focus: str) -> tuple[Drawing, int]:
    """The picture, and how many edges between what it shows were left out."""
    kept, edges = choose(ego, focus)
    nodes = [_node(ref, ego.nodes[ref], focus) for ref in kept]
    drawing = draw(nodes, [Edge(s, t, type_) for s, type_, t in edges])
    shown = set(kept)
    between = sum(s in shown and t in shown for s, _, t in ego.edges)
    return drawing, between - len(edges)


def _node(ref: str, entity: Entity | None, focus: str) -> Node:
    if entity is None:
        return Node(ref, refs.short(ref), "missing", "unlink")
    kind = entity.type or entity.kind.lower()
    icon, hue = look(entity.kind, entity.type)
    is_focus = ref == focus
    return Node(ref, entity.label, kind, icon, hue, entity_url(entity), focus=is_focus)
