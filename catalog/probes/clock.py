"""Moments as integers: milliseconds since 1970, in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime

_LENGTHS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """An integer as a moment in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def lasting(milliseconds: float) -> str:
    """How long something lasted, in its largest two units: `45 min`, `2 d 3 h`."""
    seconds, parts = round(abs(milliseconds) / 1000), []
    for size, unit in _LENGTHS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def milliseconds(moment: datetime) -> int:
    """A moment as an integer."""
    return int(moment.timestamp() * 1000)
