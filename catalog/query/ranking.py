"""The order of what was found: who is called so comes before who mentions it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import chain, islice

from catalog.query.columns import Columns
from catalog.query.fulltext import Found

_EXACT, _BEGINS, _HOLDS, _ELSEWHERE = range(4)


def best(
    table: Columns, ranked: Found, text: str, within: int, limit: int | None = None
) -> list[int]:
    """The first keys of what full text found, of those `within` these positions.

    What is named exactly so comes first, then what begins so, then what holds it; of
    those the shorter title first. Only what holds the words in its name or title is
    looked at for that, because a common word stands in the text of thousands.
    """
    wanted = " ".join(text.casefold().split())
    named = list(_kept(table, ranked.keys[: ranked.named], within))

    def order(item: tuple[int, int]) -> tuple[int, int, int]:
        at, key = item
        ref = table.refs[table.position[key]]
        title = table.titles[ref].casefold()
        rank = _rank(wanted, title, ref.rpartition("/")[2])
        return rank, 0 if rank == _ELSEWHERE else len(title), at

    first = nsmallest(limit or len(named), enumerate(named), key=order)
    others = _kept(table, islice(ranked.keys, ranked.named, None), within)
    return list(islice(chain((key for _, key in first), others), limit))


def _kept(table: Columns, keys: Iterable[int], within: int) -> Iterator[int]:
    position = table.position
    # As text, because shifting a number of ten thousand bits copies it each time.
    digits = bin(within)[:1:-1]
    size = len(digits)
    for key in keys:
        at = position.get(key, size)
        if at < size and digits[at] == "1":
            yield key


def _rank(wanted: str, title: str, name: str) -> int:
    if wanted in (title, name):
        return _EXACT
    if title.startswith(wanted) or name.startswith(wanted):
        return _BEGINS
    return _HOLDS if wanted in title or wanted in name else _ELSEWHERE
