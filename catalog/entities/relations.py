"""Edges between entities: what a document declares, and what a viewer may see of it.

Only forward types are stored; the way back is the same row read from the other end. A
target that is missing, or hidden from the viewer, is an edge without an entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q

from catalog import refs
from catalog.entities.models import Entity, Relation
from catalog.entities.problems import Path
from catalog.entities.viewer import Viewer
from catalog.kind import KINDS, RefTo, relation_pairs

# Kinds that Greenroom does not know still say who owns them, as Backstage's do.
_GENERIC_LINKS = (
    ("owner", RefTo("ownedBy", "ownerOf", "Group")),
    ("system", RefTo("partOf", "hasPart", "System")),
    ("dependsOn", RefTo("dependsOn", "dependencyOf")),
)


@dataclass(frozen=True)
class Edge:
    """One relation as seen from one end. `entity` is None where it cannot be shown."""

    type: str
    other: str
    forward: bool
    entity: Entity | None


def declared(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(source, type, target) of every relation that a valid document declares."""
    metadata = data["metadata"]
    namespace = metadata.get("namespace") or refs.DEFAULT_NAMESPACE
    own = str(refs.Ref(data["kind"], namespace, metadata["name"]))
    for _, marker, other in named(data):
        if other != own:
            ends = (other, own) if marker.reverse else (own, other)
            yield ends[0], marker.relation, ends[1]


def named(data: Mapping[str, Any]) -> Iterator[tuple[Path, RefTo, str]]:
    """(field, marker, reference) of every entity that a valid document's spec names."""
    spec = data.get("spec") or {}
    namespace = data["metadata"].get("namespace") or refs.DEFAULT_NAMESPACE
    for field, marker in links_of(data["kind"]):
        for step, value in _values(spec.get(field)):
            other = _reference(value, marker, namespace)
            if other:
                yield ("spec", field, *step), marker, other


def links_of(kind: str) -> tuple[tuple[str, RefTo], ...]:
    """The fields of a kind's spec that name entities, also where it is not ours."""
    known = KINDS.get(kind)
    return known.links() if known else _GENERIC_LINKS


def _values(value: Any) -> Iterable[tuple[Path, Any]]:
    """Each value of a field, with its step below the field."""
    if value is None:
        return ()
    if not isinstance(value, list):
        return (((), value),)
    return [((index,), one) for index, one in enumerate(value)]


def _reference(value: Any, marker: RefTo, namespace: str) -> str:
    try:
        return str(refs.parse(value, kind=marker.kind, namespace=namespace))
    except refs.RefError:
        return ""


def owner_of(data: Mapping[str, Any]) -> str:
    """The owner's reference in lower case, or empty."""
    return _single(data, "ownedBy")


def system_of(data: Mapping[str, Any]) -> str:
    """The reference of the system it is part of, or empty."""
    target = _single(data, "partOf")
    return target if target.startswith("system:") else ""


def _single(data: Mapping[str, Any], relation: str) -> str:
    targets = (target for _, type_, target in declared(data) if type_ == relation)
    return next(targets, "")


def of(ref: str, viewer: Viewer) -> list[Edge]:
    """Every edge of one entity, sorted by type and target. Two queries.

    Edges that a hidden entity declares do not exist for the viewer.
    """
    return around({ref}, viewer)[ref]


def around(
    ends: Iterable[str], viewer: Viewer, types: Iterable[str] | None = None
) -> dict[str, list[Edge]]:
    """The edges of several entities at once, by reference. Two queries."""
    wanted = list(ends)
    rows = Relation.objects.filter(Q(source_ref__in=wanted) | Q(target_ref__in=wanted))
    if types is not None:
        rows = rows.filter(type__in=list(types))
    if not viewer.sees_all:
        # One look per edge: a list of all that is visible would grow with the catalog.
        visible = Entity.objects.visible_to(viewer)
        rows = rows.filter(Exists(visible.filter(pk=OuterRef("declared_by"))))
    triples = set(rows.values_list("source_ref", "type", "target_ref"))
    others = {end for source, _, target in triples for end in (source, target)}
    entities = by_ref(others, viewer)
    found: dict[str, set[Edge]] = {ref: set() for ref in wanted}
    for source, type_, target in triples:
        if source in found:
            found[source].add(Edge(type_, target, True, entities.get(target)))
        if target in found:
            inverse = relation_pairs().get(type_, type_)
            found[target].add(Edge(inverse, source, False, entities.get(source)))
    return {
        ref: sorted(edges, key=lambda edge: (edge.type, edge.other))
        for ref, edges in found.items()
    }


def by_ref(wanted: Iterable[str], viewer: Viewer) -> dict[str, Entity]:
    """The visible entities among these references."""
    rows = Entity.objects.visible_to(viewer).light().filter(ref__in=list(wanted))
    return {entity.ref: entity for entity in rows}
