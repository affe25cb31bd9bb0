"""When each person was last here, to the nearest few minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.accounts.models import Account

EVERY = timedelta(minutes=5)


class PresenceMiddleware:
    """Notes a visit at most once in five minutes, after the page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, then note who asked."""
        response = self.get_response(request)
        # A page that asked nobody who is signed in must not start to: /healthz, static.
        if request.session.accessed and isinstance(request.user, Account):
            note(request.user)
        return response


def note(account: Account) -> None:
    """Write down that the person is here, if that is news."""
    now = timezone.now()
    if account.last_seen_at and now - account.last_seen_at < EVERY:
        return
    stale = Q(last_seen_at=None) | Q(last_seen_at__lt=now - EVERY)
    Account.objects.filter(stale, pk=account.pk).update(last_seen_at=now)
