"""How much one account may ask in a minute, so that a loop gone wild harms nobody.

Counted in each web process, in minutes of the clock: what is left over is never more
than twice the number, and nothing is stored.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

_MINUTE = 60
_LEFT = "api_left"


class PerMinute(BaseThrottle):
    """So many requests for each account and minute."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[object, int] = {}

    def allow_request(self, request: HttpRequest) -> bool:
        """Count it; is that still within the limit?"""
        left = self.count(request.user.pk)
        vars(request)[_LEFT] = max(0, left)
        return left >= 0

    def is_spent(self, who: object) -> bool:
        """Has an account asked as much as it may in this minute?"""
        with self._lock:
            same = self._minute == int(time.time() // _MINUTE)
            return self.most <= (self._counts.get(who, 0) if same else 0)

    def count(self, who: object) -> int:
        """Count one request of an account. How many it may still make in this minute;
        below nothing where it has asked too much."""
        minute = int(time.time() // _MINUTE)
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[who] = count = self._counts.get(who, 0) + 1
        return self.most - count

    def headers(self, left: int) -> tuple[tuple[str, str], ...]:
        """What each answer says of it."""
        return (
            ("RateLimit-Limit", str(self.most)),
            ("RateLimit-Remaining", str(left)),
            ("RateLimit-Reset", str(_MINUTE - int(time.time()) % _MINUTE)),
        )

    def wait(self) -> float:
        """Seconds until the next minute."""
        return _MINUTE - time.time() % _MINUTE


LIMIT = PerMinute(settings.API_PER_MINUTE)
Run = Callable[..., HttpResponse]


def told(run: Run) -> Run:
    """Say with each answer how much the account may still ask, and for how long."""

    @wraps(run)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        left = vars(request).get(_LEFT)
        if left is not None:
            for name, value in LIMIT.headers(left):
                response[name] = value
        return response

    return telling
