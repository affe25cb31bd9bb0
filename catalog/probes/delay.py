"""How late the loop itself is: then a server that answers late is no evidence.

A machine that has too much to do wakes everybody late, us too. A look that came too
late in such a time tells of this machine and not of the other.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from catalog.http.exchange import NO_ANSWER, NO_CONNECTION, OWN_LIMIT, UNFINISHED
from catalog.probes import words
from catalog.probes.prober import Found

EVERY = 0.5
# Seconds by which we were late ourselves, from which on lateness is no evidence.
TOO_LATE = 1.0
_LATE = frozenset({NO_ANSWER, NO_CONNECTION, UNFINISHED})
_KEPT = 600


class Delay:
    """Remembers for five minutes when the loop was late, and by how much."""

    def __init__(self) -> None:
        self._late: deque[tuple[float, float]] = deque(maxlen=_KEPT)

    async def watch(self) -> None:
        """Wake up again and again, and see how late that is. Ends with its task."""
        while True:
            expected = time.monotonic() + EVERY
            await asyncio.sleep(EVERY)
            self.note(expected, time.monotonic())

    def note(self, expected: float, woken: float) -> None:
        """We should have been woken at one moment, and were at another."""
        if woken - expected > TOO_LATE:
            self._late.append((expected, woken))

    def was_late(self, since: float, until: float) -> bool:
        """Was the loop late at any time between two moments?"""
        return any(end >= since and start <= until for start, end in self._late)

    def fair(self, found: Found, since: float) -> Found:
        """What was found since a moment, unless it only tells that we are too slow."""
        if found.error not in _LATE or not self.was_late(since, time.monotonic()):
            return found
        return Found(
            words.UNCHECKED,
            OWN_LIMIT,
            "This machine has too much to do to tell whether the other is late.",
            timings=found.timings,
        )
