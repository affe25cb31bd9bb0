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

# What stops when its target stops: the relations that an outage travels along.
IMPACT = ("dependsOn", "consumesApi", "providesApi", "serves", "runsOn", "partOf")
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

    An API is needed by who consumes it and needs who provides it, so `providesApi` is
    walked against its direction.
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
    against = edge.type in ("providesApi", "apiProvidedBy")
    return edge.forward is (down is not against)


def ego(ref: str, viewer: Viewer, *, limit: int = 30) -> Ego:
    """The neighbours of an entity, and theirs, as long as there is room for them.

    Edges that did not fit are counted, never dropped in silence. People and groups are
    left to their own cards.
    """
    picture = Ego()
    own = relations.by_ref([ref], viewer)
    picture.nodes[ref] = own.get(ref)
    frontier = [ref]
    for _ in range(2):
        found = relations.around(frontier, viewer)
        reached: list[str] = []
        for via in frontier:
            for edge in filter(_is_pictured, found[via]):
                if edge.other not in picture.nodes and len(picture.nodes) < limit:
                    picture.nodes[edge.other] = edge.entity
                    reached.append(edge.other)
                _add_edge(picture, via, edge)
        frontier = [other for other in reached if picture.nodes[other] is not None]
        if len(picture.nodes) > limit // 2 or not frontier:
            break
    return picture


def _is_pictured(edge: Edge) -> bool:
    return not edge.other.startswith(("group:", "user:"))


def _add_edge(picture: Ego, via: str, edge: Edge) -> None:
    if edge.other not in picture.nodes:
        picture.hidden_edges += 1
        return
    pairs = {
        inverse: forward for forward, inverse in relations.relation_pairs().items()
    }
    if edge.forward:
        picture.edges.add((via, edge.type, edge.other))
    else:
        picture.edges.add((edge.other, pairs.get(edge.type, edge.type), via))
