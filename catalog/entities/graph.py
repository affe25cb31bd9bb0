"""Walks along relations, of any depth, safe against circles, never through the hidden.

A walk goes level by level, two queries each, and continues only through entities that
the viewer may see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from catalog.entities import relations
from catalog.entities.access import Viewer
from catalog.entities.models import Entity
from catalog.entities.relations import Edge
from catalog.kind import relation_pairs

# The relations that an outage travels along, from what is needed to who needs it.
IMPACT = ("dependsOn", "consumesApi", "runsOn", "providesApi", "serves", "partOf")
# Declared by who is needed: an API needs its provider, a model its server, and a system
# its parts, although the documents say it the other way round.
_AGAINST = {"providesApi", "apiProvidedBy", "serves", "servedBy", "partOf", "hasPart"}
_CHUNK = 400


@dataclass(frozen=True)
class Step:
    """One entity that a walk reached: how far, along what, and from where."""

    ref: str
    depth: int
    entity: Entity | None
    type: str
    via: str


@dataclass
class Ego:
    """The surroundings of one entity, for a picture."""

    nodes: dict[str, Entity | None] = field(default_factory=dict)
    edges: set[tuple[str, str, str]] = field(default_factory=set)
    hidden_edges: int = 0


def walk(
    ref: str,
    viewer: Viewer,
    *,
    down: bool = True,
    depth: int | None = None,
    types: Collection[str] = IMPACT,
) -> list[Step]:
    """All that `ref` needs (`down`), or all that needs it, nearest first.

    Some relations are declared by who is needed, and walked against their direction.
    """
    seen, steps, frontier, level = {ref}, [], [ref], 0
    while frontier and (depth is None or level < depth):
        level += 1
        reached: list[str] = []
        for via, edge in _edges(frontier, viewer, types):
            if edge.other in seen or not _leads(edge, down=down):
                continue
            seen.add(edge.other)
            steps.append(Step(edge.other, level, edge.entity, edge.type, via))
            if edge.entity is not None:
                reached.append(edge.other)
        frontier = reached
    return steps


def _edges(
    frontier: list[str], viewer: Viewer, types: Collection[str]
) -> Iterator[tuple[str, Edge]]:
    for start in range(0, len(frontier), _CHUNK):
        part = frontier[start : start + _CHUNK]
        for via, edges in relations.around(part, viewer, types).items():
            for edge in edges:
                yield via, edge


def _leads(edge: Edge, *, down: bool) -> bool:
    return edge.forward is (down is not (edge.type in _AGAINST))


def ego(ref: str, viewer: Viewer, *, limit: int = 30, roomy: int = 14) -> Ego:
    """The neighbours of an entity, and where the same way leads on from there.

    The second level goes onward only, never sideways, and only as far as `roomy` nodes,
    so that the picture stays readable. What did not fit is counted, never dropped in
    silence. People and groups have cards of their own, and so has the system.
    """
    picture = Ego({ref: relations.by_ref([ref], viewer).get(ref)})
    found = relations.around([ref], viewer)[ref]
    first = [edge for edge in found if _is_pictured(ref, edge)]
    for edge in first:
        _draw(picture, ref, edge, limit)
    onward = {edge.other: edge.forward for edge in first if edge.entity is not None}
    onward = {ref: ahead for ref, ahead in onward.items() if ref in picture.nodes}
    for via, edges in relations.around(onward, viewer).items():
        for edge in edges:
            ahead = edge.forward is onward[via] and edge.other != ref
            if ahead and _is_pictured(via, edge):
                _draw(picture, via, edge, roomy)
    return picture


def _is_pictured(ref: str, edge: Edge) -> bool:
    if edge.other.startswith(("group:", "user:", "location:")):
        return False
    whole = ("system:", "domain:")
    return ref.startswith(whole) or not edge.other.startswith(whole)


def _draw(picture: Ego, via: str, edge: Edge, limit: int) -> None:
    if edge.other not in picture.nodes:
        if len(picture.nodes) >= limit:
            picture.hidden_edges += 1
            return
        picture.nodes[edge.other] = edge.entity
    if edge.forward:
        picture.edges.add((via, edge.type, edge.other))
    else:
        picture.edges.add((edge.other, _forward(edge.type), via))


def _forward(inverse: str) -> str:
    pairs = {back: forward for forward, back in relation_pairs().items()}
    return pairs.get(inverse, inverse)
