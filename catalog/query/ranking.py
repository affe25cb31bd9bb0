"""The order of what was found: who is called so comes before who mentions it."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest

from catalog.query.columns import Columns

_EXACT, _BEGINS, _HOLDS, _ELSEWHERE = range(4)


def best(table: Columns, ranked: Sequence[int], text: str, limit: int) -> list[int]:
    """The first keys of `ranked`, which is sorted by the full text.

    What is named exactly so comes first, then what begins so, then what holds it; of
    those the shorter title first.
    """
    wanted = " ".join(text.casefold().split())

    def order(item: tuple[int, int]) -> tuple[int, int, int]:
        at, key = item
        ref = table.refs[table.position[key]]
        title = table.titles[ref].casefold()
        rank = _rank(wanted, title, ref.rpartition("/")[2])
        return rank, 0 if rank == _ELSEWHERE else len(title), at

    return [key for _, key in nsmallest(limit, enumerate(ranked), key=order)]


def _rank(wanted: str, title: str, name: str) -> int:
    if wanted in (title, name):
        return _EXACT
    if title.startswith(wanted) or name.startswith(wanted):
        return _BEGINS
    return _HOLDS if wanted in title or wanted in name else _ELSEWHERE
