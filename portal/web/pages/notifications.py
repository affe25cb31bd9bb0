"""Notifications: who is told when a service goes down and comes back."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.probes.models import Receiver
from catalog.probes.schemes import SCHEMES


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    receiver: Receiver
    kind: str
    state: str
    text: str
    waiting: int


@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    """Every receiver, and how its last message went."""
    waiting = Count("notices", filter=Q(notices__done_at=None))
    receivers = Receiver.objects.annotate(waiting=waiting).order_by("name")
    rows = [
        Row(one, kind_of(one), *state_of(one), waiting=one.waiting) for one in receivers
    ]
    context = {
        "rows": rows,
        "deaf": bool(rows) and not any(row.receiver.enabled for row in rows),
        "has_address": bool(settings.GREENROOM_URL),
    }
    return render(request, "pages/notifications.html", context)


def kind_of(receiver: Receiver) -> str:
    """What sort of receiver it is, in words."""
    scheme = SCHEMES.get(receiver.address.partition("://")[0].lower())
    return scheme.title if scheme else "not offered any more"


def state_of(receiver: Receiver) -> tuple[str, str]:
    """A state of the marks and a word, of the last message."""
    if not receiver.enabled:
        return "unknown", "off"
    if receiver.failed_at is not None:
        return "down", "not taken"
    if receiver.sent_at is None:
        return "unknown", "nothing sent yet"
    return "ok", "taken"
