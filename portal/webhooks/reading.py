"""Rows that are new since the last reading, each once, in the order of their keys.

A transaction that began earlier may end later, and its rows then come with keys that
were passed already: what was left out is looked for again for a while.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Max, Model, Q, QuerySet

from portal.webhooks.models import Place

M = TypeVar("M", bound=Model)
AT_ONCE = 500
# Milliseconds, and how many keys.
PATIENCE, MOST_GAPS = 600_000, 1000


def is_new(place: Place, rows: QuerySet[M]) -> bool:
    """Is there anything to take?"""
    return rows.filter(_ahead(place)).exists()


def take(place: Place, rows: QuerySet[M], now: int) -> list[M]:
    """The new rows; the place moves behind them, and is not saved."""
    found = list(rows.filter(_ahead(place)).order_by("pk")[:AT_ONCE])
    keys = {row.pk for row in found}
    end = max([place.done, *keys])
    gaps = {
        int(key): at
        for key, at in json.loads(place.gaps).items()
        if at > now - PATIENCE and int(key) not in keys
    }
    first = max(place.done + 1, end - MOST_GAPS)
    gaps |= {key: now for key in range(first, end) if key not in keys}
    newest = sorted(gaps)[-MOST_GAPS:]
    place.gaps = json.dumps({str(key): gaps[key] for key in newest})
    place.done = end
    return found


def newest(rows: QuerySet[M]) -> int:
    """The key of the last row; 0 without one."""
    return rows.aggregate(key=Max("pk"))["key"] or 0


def _ahead(place: Place) -> Q:
    missing: Iterable[int] = map(int, json.loads(place.gaps))
    return Q(pk__gt=place.done) | Q(pk__in=list(missing))
