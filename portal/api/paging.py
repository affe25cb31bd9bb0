"""Pages by key: the next begins after the last entity, whatever changed meanwhile."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right

from catalog.query.columns import Columns, positions_of
from portal.api.problems import ApiProblem


def after(table: Columns, found: int, cursor: str, limit: int) -> tuple[list[int], str]:
    """The positions of one page in the order of titles, and the cursor of the next
    page; empty at the end. Raises ApiProblem for a cursor that is not one of ours."""
    if cursor:
        key = _read(cursor)
        begin = bisect_right(
            range(len(table.refs)), key, key=lambda at: _key(table, table.refs[at])
        )
        found &= -1 << begin
    page: list[int] = []
    for at in positions_of(found):
        if len(page) == limit:
            return page, _write(_key(table, table.refs[page[-1]]))
        page.append(at)
    return page, ""


def among(
    table: Columns, keys: list[int], cursor: str, limit: int
) -> tuple[list[int], str]:
    """As `after`, of keys in an order of their own: after the last entity where it is
    still found, else from the place that it had."""
    begin = 0
    if cursor:
        place, ref = _read(cursor)
        last = table.by_ref.get(ref)
        key = None if last is None else table.keys[last]
        begin = keys.index(key) + 1 if key in keys else _number(place)
    page = [table.position[key] for key in keys[begin : begin + limit]]
    end = begin + len(page)
    return page, _write((str(end - 1), table.refs[page[-1]])) if end < len(keys) else ""


def _number(place: str) -> int:
    return int(place) if place.isascii() and place.isdigit() else 0


def _key(table: Columns, ref: str) -> tuple[str, str]:
    """What the columns are sorted by."""
    return table.titles[ref].casefold(), ref


def _write(key: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, str]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        title, ref = json.loads(base64.urlsafe_b64decode(padded))
        return str(title), str(ref)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise ApiProblem(
            400,
            f"“{cursor[:60]}” is no cursor.",
            "Take the one of the last answer, or leave it out for the first page.",
        ) from None
