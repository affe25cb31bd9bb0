"""The token with which a scraper reads /metrics: derived, renewed, compared.

It is made of the house's own key and a number, so that nothing is stored; raising the
number makes a new one. Whoever has it reads the metrics of everything.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.accounts import attempts, audit
from portal.accounts.models import Account, MetricsDoor

# Each note is a write, and a scraper comes every few seconds.
_QUIET = timedelta(seconds=30)


def door() -> MetricsDoor:
    """The one row."""
    found, _ = MetricsDoor.objects.get_or_create(pk=1)
    return found


def token() -> str:
    """The token that is good now."""
    return _token(door().number)


def _token(number: int) -> str:
    made = salted_hmac("greenroom metrics", str(number), algorithm="sha256")
    return f"grm_{made.hexdigest()}"


def opens(given: str, address: str) -> bool:
    """Is this the token? Raises Refusal where this address has guessed too often."""
    here = door()
    if constant_time_compare(given, _token(here.number)):
        _note("used_at", here.used_at)
        return True
    attempts.begin("metrics", address)
    _note("refused_at", here.refused_at)
    return False


def _note(field: str, last: datetime | None) -> None:
    now = timezone.now()
    if last is None or last < now - _QUIET:
        MetricsDoor.objects.filter(pk=1).update(**{field: now})


def renew(by: Account) -> None:
    """Make a new token; the old one is worth nothing from now on."""
    door()
    MetricsDoor.objects.filter(pk=1).update(
        number=F("number") + 1, used_at=None, refused_at=None
    )
    audit.record(by, "renewed", "the metrics token")
