"""The order of a result and pages of it: from one entity to the next, both ways."""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.query import paths
from catalog.query.columns import Columns
from portal.api.backstage.errors import InputError


@dataclass(frozen=True)
class Order:
    """By which field, and whether the last comes first."""

    field: str = paths.UID
    descending: bool = False


@dataclass(frozen=True)
class Cursor:
    """Where a page begins, and everything that was asked for with the first one."""

    order: Order
    asked: dict[str, Any] = field(default_factory=dict)
    at: tuple[str | None, str] | None = None
    backwards: bool = False
    total: int | None = None

    def written(self) -> str:
        """The cursor as clients pass it on."""
        data = {
            "orderFields": [[self.order.field, self.order.descending]],
            "asked": self.asked,
            "at": self.at,
            "isPrevious": self.backwards,
            "totalItems": self.total,
        }
        raw = json.dumps(data, separators=(",", ":")).encode()
        return base64.b64encode(raw).decode()


def read(text: str) -> Cursor:
    """A cursor that a client sends back. Raises InputError."""
    try:
        data = json.loads(base64.b64decode(text, validate=True))
        (name, descending), *_ = data["orderFields"]
        at = data["at"]
        place = None if at is None else (at[0], str(at[1]))
        if not isinstance(data["asked"], dict):
            raise TypeError
        total = data["totalItems"]
        return Cursor(
            Order(str(name), bool(descending)),
            data["asked"],
            place,
            bool(data["isPrevious"]),
            None if total is None else int(total),
        )
    except (ValueError, TypeError, KeyError, IndexError, binascii.Error):
        raise InputError("Malformed cursor, could not be parsed") from None


@dataclass(frozen=True)
class Ranking:
    """All positions in one order. Who has no value is last in either direction."""

    positions: list[int]
    # (value, unique id) of each place; the first `having` have a value.
    keys: list[tuple[str, str]]
    having: int
    descending: bool

    @classmethod
    def of(cls, table: Columns, order: Order) -> Ranking:
        """The order of a table, worked out once while it lasts."""
        path = order.field.lower()
        key = ("ranking", path, order.descending)
        return table.keep(key, lambda: _ranked(table, path, order.descending))

    def place(self, at: tuple[str | None, str], *, after: bool) -> int:
        """Where an entity of this value and unique id stands or would; or the place
        after it."""
        value, uid = at
        find = bisect_right if after else bisect_left
        if value is None:
            return find(self.keys, ("", uid), lo=self.having)
        if not self.descending:
            return find(self.keys, (value, uid), hi=self.having)
        # Read from the end, the descending part ascends.
        find = bisect_left if after else bisect_right
        end = self.having
        mirrored = range(end)
        return end - find(mirrored, (value, uid), key=lambda n: self.keys[end - 1 - n])


def _ranked(table: Columns, path: str, descending: bool) -> Ranking:
    values = paths.column(table, path).firsts
    uids = [uid or "" for uid in paths.column(table, paths.UID).firsts]
    having = [(v, uids[at], at) for at, v in enumerate(values) if v is not None]
    having.sort(reverse=descending)
    lacking = sorted(("", uids[at], at) for at, v in enumerate(values) if v is None)
    rows = having + lacking
    return Ranking(
        [at for _, _, at in rows],
        [(value, uid) for value, uid, _ in rows],
        len(having),
        descending,
    )


@dataclass(frozen=True)
class Page:
    """Some positions, and the cursors of what stands before and behind them."""

    positions: list[int]
    before: Cursor | None
    after: Cursor | None


def page(
    table: Columns, found: int, cursor: Cursor, limit: int, offset: int = 0
) -> Page:
    """One page of a set."""
    ranking = Ranking.of(table, cursor.order)
    digits = table.digits(found)
    if cursor.backwards and cursor.at:
        end = ranking.place(cursor.at, after=False)
        places, more = _taken(ranking, range(end - 1, -1, -1), digits, limit)
        places, before, after = places[::-1], more, True
    else:
        start = ranking.place(cursor.at, after=True) if cursor.at else 0
        every = range(start, len(table.keys))
        places, after = _taken(ranking, every, digits, offset + limit)
        places, before = places[offset:], bool(cursor.at)
    if not places:
        return Page([], None, None)
    return Page(
        [ranking.positions[place] for place in places],
        _towards(cursor, ranking, places[0], backwards=True) if before else None,
        _towards(cursor, ranking, places[-1], backwards=False) if after else None,
    )


def _taken(
    ranking: Ranking, places: range, digits: str, limit: int
) -> tuple[list[int], bool]:
    taken: list[int] = []
    for place in places:
        if digits[ranking.positions[place]] == "1":
            if len(taken) == limit:
                return taken, True
            taken.append(place)
    return taken, False


def _towards(
    cursor: Cursor, ranking: Ranking, place: int, *, backwards: bool
) -> Cursor:
    value, uid = ranking.keys[place]
    at = (value if place < ranking.having else None, uid)
    return replace(cursor, at=at, backwards=backwards)
