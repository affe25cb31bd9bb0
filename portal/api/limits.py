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

from django.http import HttpRequest, HttpResponse
from ninja.throttling import BaseThrottle

_MINUTE = 60
_QUOTA = "api_quota"


class PerMinute(BaseThrottle):
    """So many requests for each account and minute."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[object, int] = {}

    def allow_request(self, request: HttpRequest) -> bool:
        """Count it; is that still within the limit?"""
        minute, who = int(time.time() // _MINUTE), request.user.pk
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[who] = count = self._counts.get(who, 0) + 1
        vars(request)[_QUOTA] = (self.most, max(0, self.most - count))
        return count <= self.most

    def wait(self) -> float:
        """Seconds until the next minute."""
        return _MINUTE - time.time() % _MINUTE


Run = Callable[..., HttpResponse]


def told(run: Run) -> Run:
    """Say with each answer how much the account may still ask, and for how long."""

    @wraps(run)
    def telling(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = run(request, *args, **kwargs)
        if quota := vars(request).get(_QUOTA):
            response["RateLimit-Limit"], response["RateLimit-Remaining"] = quota
            response["RateLimit-Reset"] = _MINUTE - int(time.time()) % _MINUTE
        return response

    return telling
