"""All edges of the catalog in memory, for walks of any depth.

Built when the first walk of a generation asks for it, a few megabytes for ten thousand
entities. What a viewer may not see is taken out per walk, not here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, Q

from catalog.entities import generation
from catalog.entities.models import Ceiling, Entity, Relation
from catalog.entities.viewer import Viewer


class Link(NamedTuple):
    """One edge from where one stands: `declared_here` says whose document it is in."""

    type: str
    other: str
    forward: bool
    declared_here: bool


@dataclass
class EdgeMap:
    """Every edge, from both of its ends, and the owner of every entity."""

    links: dict[str, list[Link]] = field(default_factory=lambda: defaultdict(list))
    owners: dict[str, str] = field(default_factory=dict)

    def of(self, ref: str) -> list[Link]:
        """The edges at one end, in no order."""
        return self.links.get(ref, [])


_CACHE: generation.Cache[EdgeMap] = generation.Cache(limit=1)


def current() -> EdgeMap:
    """The edges of the present generation."""
    return _CACHE.get("edges", _load)


def _load() -> EdgeMap:
    made = EdgeMap(owners=dict(Entity.objects.values_list("ref", "owner")))
    names: dict[str, str] = {}
    rows = Relation.objects.annotate(by=F("declared_by__ref"))
    for by, source, type_, target in rows.values_list(
        "by", "source_ref", "type", "target_ref"
    ).iterator():
        # One string for each name: the rows bring a new one each time.
        source = names.setdefault(source, source)
        target = names.setdefault(target, target)
        type_ = names.setdefault(type_, type_)
        made.links[source].append(Link(type_, target, True, by == source))
        made.links[target].append(Link(type_, source, False, by == target))
    return made


def hidden_from(viewer: Viewer) -> frozenset[str]:
    """The references that exist and that this viewer may not see. One query."""
    if viewer.sees_all:
        return frozenset()
    seen = Entity.objects.visible_to(viewer).filter(pk=OuterRef("pk"))
    doubtful = ~Q(audience__in=viewer.audiences)
    doubtful |= Q(source__in=Ceiling.objects.values("source_id"))
    hidden = Entity.objects.filter(doubtful)
    return frozenset(hidden.exclude(Exists(seen)).values_list("ref", flat=True))
