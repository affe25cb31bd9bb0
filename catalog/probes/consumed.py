"""What is dead and still needed: deprecated, gone or down for long, with consumers.

Computed for each viewer, because it names other entities: a consumer that somebody may
not see must not be told by the warning about what it consumes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from catalog.entities import generation
from catalog.entities.models import Entity, Relation
from catalog.entities.viewer import Viewer
from catalog.probes import clock, words
from catalog.probes.models import Status
from catalog.probes.uptime import DAY

_NEEDS = ("dependsOn", "consumesApi", "serves")
LONG = 7 * DAY


@dataclass(frozen=True)
class Dead:
    """An entity that should not be used any more, and who declares to use it."""

    entity: Entity
    why: str
    consumers: list[Entity]


_KNOWN: generation.Cache[list[tuple[int, str, list[int]]]] = generation.Cache(limit=100)


def dead(viewer: Viewer) -> list[Dead]:
    """What is deprecated, an orphan, or down for a week, and is declared to be needed
    by something in production; as far as this viewer may see both."""
    long_down = _long_down()
    key = (viewer.sees_all, viewer.audiences, viewer.principals, tuple(long_down))
    found = _KNOWN.get(key, lambda: _found(viewer, long_down))
    keys = {pk for one, _, many in found for pk in (one, *many)}
    rows = Entity.objects.visible_to(viewer).light().in_bulk(list(keys))
    return [
        Dead(rows[one], why, [rows[pk] for pk in many if pk in rows])
        for one, why, many in found
        if one in rows
    ]


def _long_down() -> list[int]:
    before = clock.now() - LONG
    rows = Status.objects.filter(state=words.DOWN, since__lt=before)
    return sorted(rows.values_list("identity_id", flat=True))


def _found(viewer: Viewer, long_down: list[int]) -> list[tuple[int, str, list[int]]]:
    visible = Entity.objects.visible_to(viewer)
    reasons: dict[str, tuple[int, str]] = {}
    for pk, ref in visible.filter(pk__in=long_down).values_list("pk", "ref"):
        reasons[ref] = pk, "It has been down for more than a week"
    gone = visible.exclude(orphan_since=None)
    for pk, ref in gone.values_list("pk", "ref"):
        reasons[ref] = pk, "It vanished from its source"
    deprecated = visible.filter(lifecycle="deprecated")
    for pk, ref in deprecated.values_list("pk", "ref"):
        reasons[ref] = pk, "It is deprecated"
    edges = Relation.objects.filter(type__in=_NEEDS, target_ref__in=reasons)
    needs: dict[str, list[str]] = defaultdict(list)
    for source, target in edges.values_list("source_ref", "target_ref").distinct():
        needs[target].append(source)
    sources = {source for many in needs.values() for source in many}
    living = visible.filter(ref__in=sources, lifecycle="production", orphan_since=None)
    keys = dict(living.values_list("ref", "pk"))
    found = [
        (*reasons[target], [keys[s] for s in sorted(many) if s in keys])
        for target, many in sorted(needs.items())
    ]
    return [one for one in found if one[2]]
