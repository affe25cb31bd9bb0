"""Settings, Webhooks: which programs are told what happens, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.webhooks.models import Delivery, Webhook

MARKS = {
    Delivery.SENT: ("ok", "taken"),
    Delivery.GAVE_UP: ("down", "given up"),
    Delivery.WITHHELD: ("unknown", "withheld"),
    Delivery.WAITING: ("busy", "waiting"),
}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    webhook: Webhook
    last: Delivery | None
    state: tuple[str, str]
    waiting: int


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """Every webhook, and how its last delivery went. The same few queries always."""
    tried = Delivery.objects.filter(webhook=OuterRef("pk")).exclude(tried_at=None)
    waits = Count("deliveries", filter=Q(deliveries__state=Delivery.WAITING))
    found: Any = Webhook.objects.select_related("created_by").annotate(
        last=Subquery(tried.order_by("-tried_at").values("pk")[:1]), waiting=waits
    )
    known = Delivery.objects.defer("body").in_bulk([hook.last for hook in found])
    rows = []
    for hook in found:
        last = known.get(hook.last)
        rows.append(Row(hook, last, state_of(hook, last), hook.waiting))
    context = {"rows": rows, "has_address": bool(settings.GREENROOM_URL)}
    return render(request, "pages/webhooks.html", context)


def state_of(webhook: Webhook, last: Delivery | None) -> tuple[str, str]:
    """A state of the marks and a word, of a webhook and its last delivery."""
    if webhook.rests:
        return "unknown", "rests"
    if webhook.fault:
        return "down", "paused by 410 Gone"
    if not webhook.enabled:
        return "unknown", "paused"
    if last is None:
        return "unknown", "nothing sent yet"
    return mark_of(last)


def mark_of(delivery: Delivery) -> tuple[str, str]:
    """A state of the marks and a word, of one delivery."""
    if delivery.state == Delivery.WAITING and delivery.error:
        return "degraded", "not taken"
    return MARKS[delivery.state]
