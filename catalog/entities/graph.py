"""Walks along relations, of any depth, safe against circles, never through the hidden.

A walk goes over the edges in memory and continues only through entities that the viewer
may see. What is hidden looks like what is missing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from catalog.entities import edges, relations
from catalog.entities.edges import EdgeMap, Link
from catalog.entities.models import Entity
from catalog.entities.relations import Edge
from catalog.entities.viewer import Viewer
from catalog.kind import relation_pairs

# The relations that an outage travels along, from what is needed to who needs it.
IMPACT = ("dependsOn", "consumesApi", "runsOn", "providesApi", "serves", "partOf")
# Declared by who is needed: an API needs its provider, a model its server, and a system
# its parts, although the documents say it the other way round.
AGAINST = {"providesApi", "serves", "partOf"}


@dataclass(frozen=True)
class Step:
    """One entity that a walk reached: how far, along what, and from where.

    `exists` is False for what is missing or hidden; `entity` is filled in by `shown`.
    """

    ref: str
    depth: int
    type: str
    via: str
    exists: bool
    owner: str = ""
    entity: Entity | None = None


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
    table, hidden = edges.current(), edges.hidden_from(viewer)
    seen, steps, frontier, level = {ref}, [], [ref], 0
    while frontier and (depth is None or level < depth):
        level += 1
        reached: list[str] = []
        for via, link in _links(table, frontier, hidden, down=down, types=types):
            if link.other in seen:
                continue
            seen.add(link.other)
            exists = link.other in table.owners and link.other not in hidden
            owner = table.owners[link.other] if exists else ""
            steps.append(Step(link.other, level, _seen_as(link), via, exists, owner))
            if exists:
                reached.append(link.other)
        frontier = reached
    return steps


def between(
    reached: Collection[str],
    viewer: Viewer,
    *,
    down: bool = True,
    types: Collection[str] = IMPACT,
) -> list[tuple[str, str, str]]:
    """Every edge that a walk goes along among what it reached: from, type, to."""
    table, hidden = edges.current(), edges.hidden_from(viewer)
    known = [ref for ref in reached if ref in table.owners and ref not in hidden]
    return [
        (via, _seen_as(link), link.other)
        for via, link in _links(table, known, hidden, down=down, types=types)
        if link.other in reached
    ]


def _links(
    table: EdgeMap,
    frontier: list[str],
    hidden: frozenset[str],
    *,
    down: bool,
    types: Collection[str],
) -> Iterator[tuple[str, Link]]:
    """The edges onward. One that a hidden entity declares does not exist."""
    for via in frontier:
        for link in sorted(table.of(via)):
            declared = link.declared_here or link.other not in hidden
            if link.type in types and declared and _leads(link, down=down):
                yield via, link


def _leads(link: Link, *, down: bool) -> bool:
    return link.forward is (down is not (link.type in AGAINST))


def _seen_as(link: Link) -> str:
    return link.type if link.forward else relation_pairs()[link.type]


def shown(steps: Iterable[Step], viewer: Viewer) -> list[Step]:
    """The same steps with their entities. One query."""
    wanted = list(steps)
    found = relations.by_ref([step.ref for step in wanted if step.exists], viewer)
    return [replace(step, entity=found.get(step.ref)) for step in wanted]


def ego(
    ref: str,
    viewer: Viewer,
    *,
    limit: int = 30,
    roomy: int = 14,
    known: list[Edge] | None = None,
) -> Ego:
    """The neighbours of an entity, and where the same way leads on from there.

    The second level goes onward only, never sideways, and only as far as `roomy` nodes,
    so that the picture stays readable. What did not fit is counted, never dropped in
    silence. People and groups have cards of their own, and so has the system. `known`
    are the entity's edges for this viewer, where the caller has them already.
    """
    picture = Ego({ref: relations.by_ref([ref], viewer).get(ref)})
    found = relations.of(ref, viewer) if known is None else known
    first = [edge for edge in found if _is_pictured(ref, edge)]
    for edge in first:
        _draw(picture, ref, edge, limit)
    onward = {edge.other: edge.forward for edge in first if edge.entity is not None}
    onward = {ref: ahead for ref, ahead in onward.items() if ref in picture.nodes}
    for via, further in relations.around(onward, viewer).items():
        for edge in further:
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
