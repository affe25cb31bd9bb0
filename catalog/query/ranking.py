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
    called = table.keep("called", lambda: _called(table))
    named = ranked.keys[: ranked.named]
    position = table.position
    first = [
        (*_rank(wanted, *called[position[key]]), at, key)
        for at, key in enumerate(_kept(table, named, within))
    ]
    if limit is None or limit >= len(first):
        first.sort()
    else:
        first = nsmallest(limit, first)
    others = _kept(table, islice(ranked.keys, ranked.named, None), within)
    return list(islice(chain((row[3] for row in first), others), limit))


def _called(table: Columns) -> list[tuple[str, str]]:
    """Title and name of each position, for comparing."""
    return [
        (table.titles[ref].casefold(), ref.rpartition("/")[2]) for ref in table.refs
    ]


def _kept(table: Columns, keys: Iterable[int], within: int) -> Iterator[int]:
    position = table.position
    digits = table.digits(within)
    for key in keys:
        at = position.get(key)
        if at is not None and digits[at] == "1":
            yield key


def _rank(wanted: str, title: str, name: str) -> tuple[int, int]:
    """How well it is called so; the shorter of two that are."""
    if wanted not in title and wanted not in name:
        return _ELSEWHERE, 0
    if title.startswith(wanted) or name.startswith(wanted):
        return _EXACT if wanted in (title, name) else _BEGINS, len(title)
    return _HOLDS, len(title)
