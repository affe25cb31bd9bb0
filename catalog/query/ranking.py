"""The order of what was found: who is called so comes before who mentions it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import chain, islice

from catalog.query.columns import Columns
from catalog.query.fulltext import Found


def best(
    table: Columns, ranked: Found, text: str, within: int, limit: int | None = None
) -> list[int]:
    """The first keys of what full text found, of those `within` these positions.

    What is named exactly so comes first, then what begins so, then what holds it; of
    those the shorter title first. Only what holds the words in its name or title is
    looked at for that, because a common word stands in the text of thousands.
    """
    named = _kept(table, ranked.keys[: ranked.named], within)
    *called, elsewhere = _grouped(table, " ".join(text.casefold().split()), named)
    lengths = table.keep("lengths", lambda: [len(title) for title, _ in _called(table)])
    # Group by group: those behind the limit are never sorted.
    first = chain.from_iterable(
        nsmallest(len(group) if limit is None else limit, group, lengths.__getitem__)
        for group in called
    )
    others = _kept(table, islice(ranked.keys, ranked.named, None), within)
    found = chain(first, elsewhere, others)
    return [table.keys[at] for at in islice(found, limit)]


def _called(table: Columns) -> list[tuple[str, str]]:
    """Title and name of each position, for comparing."""
    return table.keep(
        "called",
        lambda: [
            (table.titles[ref].casefold(), ref.rpartition("/")[2]) for ref in table.refs
        ],
    )


def _kept(table: Columns, keys: Iterable[int], within: int) -> Iterator[int]:
    """The positions of keys, in their order."""
    position = table.position
    digits = table.digits(within)
    for key in keys:
        at = position.get(key)
        if at is not None and digits[at] == "1":
            yield at


def _grouped(table: Columns, wanted: str, places: Iterable[int]) -> list[list[int]]:
    """Positions by how well they are called so: exactly, begins, holds, elsewhere."""
    called = _called(table)
    groups: list[list[int]] = [[], [], [], []]
    exact, begins, holds, elsewhere = groups
    for at in places:
        title, name = called[at]
        if title.startswith(wanted) or name.startswith(wanted):
            (exact if wanted in (title, name) else begins).append(at)
        elif wanted in title or wanted in name:
            holds.append(at)
        else:
            elsewhere.append(at)
    return groups
