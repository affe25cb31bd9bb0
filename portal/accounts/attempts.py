"""Slows down guessing: so many attempts under one key, then a wait that is told."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from portal.accounts.models import Attempt
from portal.accounts.refusal import Refusal

WINDOW = timedelta(minutes=15)
LIMIT = 10


def begin(purpose: str, *parts: str, limit: int = LIMIT) -> Attempt:
    """Count an attempt before it is made; raises Refusal when there were too many.

    Counted first, so that a hundred guesses at the same moment do not all slip through.
    """
    now = timezone.now()
    Attempt.objects.filter(at__lt=now - WINDOW).delete()
    key = salted_hmac(f"attempt {purpose}", "\n".join(parts), algorithm="sha256")
    mine = Attempt.objects.create(key=key.hexdigest(), at=now)
    same = Attempt.objects.filter(key=mine.key)
    if same.count() <= limit:
        return mine
    mine.delete()
    oldest = same.order_by("at").first()
    raise Refusal(_wait(now if oldest is None else oldest.at, now))


def forget(attempt: Attempt) -> None:
    """It succeeded: what failed before it no longer counts."""
    Attempt.objects.filter(key=attempt.key).delete()


def _wait(oldest: datetime, now: datetime) -> str:
    minutes = max(1, math.ceil((oldest + WINDOW - now).total_seconds() / 60))
    unit = "minute" if minutes == 1 else "minutes"
    return f"There were too many attempts. Try again in {minutes} {unit}."
