"""Which sources are closed to whom, remembered as long as nothing changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set

from catalog.entities import generation, hot

_CACHE: generation.Cache[dict[int, frozenset[str]]] = generation.Cache(limit=1)


def closed_to(principals: Set[str]) -> tuple[int, ...]:
    """The sources whose entities none of these may see, by their keys."""
    known = _CACHE.get("allowed", allowed)
    return tuple(pk for pk, who in known.items() if who.isdisjoint(principals))


def allowed() -> dict[int, frozenset[str]]:
    """Of each source that is not for everybody: for whom it is. One query."""
    found: dict[int, set[str]] = defaultdict(set)
    for source_id, who in hot.ceilings():
        found[source_id].add(who)
    return {pk: frozenset(who) for pk, who in found.items()}
