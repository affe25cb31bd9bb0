"""How much a server was used on a day, and how much of that were our own questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from catalog.probes import clock
from catalog.probes.prober import Spent
from catalog.probes.progress import Progress
from catalog.probes.sql import SqlRow

_COLUMNS = (
    "requests",
    "prompt_tokens",
    "output_tokens",
    "own_requests",
    "own_prompt_tokens",
    "own_output_tokens",
    "covered",
)
_SUMS = ", ".join(
    f"{name} = probes_usage.{name} + excluded.{name}" for name in _COLUMNS
)
_ADD = (
    f"INSERT INTO probes_usage (probe_id, day, {', '.join(_COLUMNS)}) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
    f"ON CONFLICT (probe_id, day) DO UPDATE SET {_SUMS}"
)


@dataclass(frozen=True)
class Counted:
    """What one look tells of use: counted by the server, and spent by the look."""

    probe: int
    at: int
    progress: Progress
    spent: Spent


def add_usage(counted: Iterable[Counted]) -> None:
    """Add to the days; what tells of no use at all is not written."""
    totals: dict[tuple[int, str], list[float]] = {}
    for one in counted:
        figures = _figures(one)
        if any(figures):
            day = clock.moment(one.at).date().isoformat()
            known = totals.setdefault((one.probe, day), [0.0] * len(_COLUMNS))
            totals[one.probe, day] = [
                a + b for a, b in zip(known, figures, strict=True)
            ]
    if totals:
        rows: list[SqlRow] = [(*key, *figures) for key, figures in totals.items()]
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


def _figures(one: Counted) -> list[float]:
    counted, spent = one.progress.counted, one.spent
    return [
        counted.get("requests", 0.0),
        counted.get("prompt_tokens", 0.0),
        counted.get("output_tokens", 0.0),
        float(spent.requests),
        float(spent.prompt_tokens),
        float(spent.output_tokens),
        one.progress.seconds,
    ]
