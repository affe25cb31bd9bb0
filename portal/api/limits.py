"""How much one account may ask in a minute, so that a loop gone wild harms nobody.

Counted in each web process, in minutes of the clock: what is left over is never more
than twice the number, and nothing is stored.
"""

from __future__ import annotations

import time
from threading import Lock

from django.http import HttpRequest
from ninja.throttling import BaseThrottle

PER_MINUTE = 1200
_MINUTE = 60


class PerMinute(BaseThrottle):
    """So many requests for each account and minute."""

    def __init__(self, most: int = PER_MINUTE) -> None:
        self.most = most
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[object, int] = {}

    def allow_request(self, request: HttpRequest) -> bool:
        """Count it; is that still within the limit?"""
        return self.count(request.user.pk)

    def count(self, who: object) -> bool:
        """Count one request of an account; is that still within the limit?"""
        minute = int(time.time() // _MINUTE)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[who] = self._counts.get(who, 0) + 1
            return self._counts[who] <= self.most

    def wait(self) -> float:
        """Seconds until the next minute."""
        return _MINUTE - time.time() % _MINUTE


LIMIT = PerMinute()
