"""Around each request of a person: their time zone, and when they were last here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from portal.accounts.models import Account

EVERY = timedelta(minutes=5)


class Visits:
    """Show times in the reader's zone, and note the visit once in five minutes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request in the zone of whoever asks."""
        account = visitor(request)
        with timezone.override(zone_of(account)):
            response = self.get_response(request)
        if account:
            note(account)
        return response


def visitor(request: HttpRequest) -> Account | None:
    """Who asks. Without a session cookie, no session and no account is looked for."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if isinstance(request.user, Account) else None


def zone_of(account: Account | None) -> ZoneInfo:
    """The zone of this reader, or that of the house."""
    try:
        return ZoneInfo((account and account.time_zone) or settings.GREENROOM_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def note(account: Account) -> None:
    """Write down that the person is here, if that is news."""
    now = timezone.now()
    if account.last_seen_at and now - account.last_seen_at < EVERY:
        return
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=now - EVERY)
    Account.objects.filter(stale, pk=account.pk).update(last_seen_at=now)
