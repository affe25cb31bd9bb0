"""Moments as integers: milliseconds since 1970, in UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> int:
    """This moment."""
    return time.time_ns() // 1_000_000


def moment(milliseconds: int) -> datetime:
    """An integer as a moment in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def milliseconds(moment: datetime) -> int:
    """A moment as an integer."""
    return int(moment.timestamp() * 1000)
