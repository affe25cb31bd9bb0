"""Who owns what, through groups inside groups, safe against circles.

These walks ignore visibility on purpose: they decide it. Closures are kept in memory as
long as the catalog's generation lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from catalog.entities import generation, hot

_CACHE: generation.Cache[frozenset[str]] = generation.Cache(limit=2000)


def principals(user_ref: str) -> frozenset[str]:
    """The user and every group that it is in, directly or through another group."""
    return _CACHE.get(("up", user_ref), lambda: _closure(user_ref, hot.above))


def group_tree(group_ref: str) -> frozenset[str]:
    """The group and every group inside it."""
    return _CACHE.get(("down", group_ref), lambda: _closure(group_ref, hot.below))


def _closure(
    start: str, next_of: Callable[[Collection[str]], set[str]]
) -> frozenset[str]:
    seen = frontier = {start}
    while frontier:
        frontier = next_of(frontier) - seen
        seen = seen | frontier
    return frozenset(seen)
