"""Who owns what, through groups inside groups, safe against circles.

These walks ignore visibility on purpose: they decide it. Closures are kept in memory as
long as the catalog's generation lasts.
"""

from __future__ import annotations

from collections.abc import Iterable

from catalog.entities import generation
from catalog.entities.models import Relation

_UP = ("memberOf", "childOf")
_CACHE: generation.Cache[frozenset[str]] = generation.Cache(limit=2000)


def principals(user_ref: str) -> frozenset[str]:
    """The user and every group that it is in, directly or through another group."""
    return _CACHE.get(("up", user_ref), lambda: _closure(user_ref, up=True))


def group_tree(group_ref: str) -> frozenset[str]:
    """The group and every group inside it."""
    return _CACHE.get(("down", group_ref), lambda: _closure(group_ref, up=False))


def _closure(start: str, *, up: bool) -> frozenset[str]:
    seen: set[str] = {start}
    frontier: set[str] = {start}
    while frontier:
        frontier = set(_next(frontier, up=up)) - seen
        seen |= frontier
    return frozenset(seen)


def _next(frontier: set[str], *, up: bool) -> Iterable[str]:
    if up:
        rows = Relation.objects.filter(type__in=_UP, source_ref__in=frontier)
        return rows.values_list("target_ref", flat=True)
    rows = Relation.objects.filter(type="childOf", target_ref__in=frontier)
    return rows.values_list("source_ref", flat=True)
