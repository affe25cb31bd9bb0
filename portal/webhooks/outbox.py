"""Deliveries that wait: claimed once, sent, tried again later, given up.

A delivery is claimed by moving its next time forward, so one worker sends it. Where
that worker dies, it is due again a minute later, with the same id: rather twice than
never.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from portal.webhooks import sight
from portal.webhooks.events import TEST
from portal.webhooks.models import Delivery, Webhook
from portal.webhooks.sending import GONE, Outcome, post_all, request_of
from portal.webhooks.signing import headers_of

# Seconds until the next try after each that failed; after the last of them none.
WAITS = (5, 60, 300, 1800, 7200, 21_600, 43_200)
AT_ONCE = 10
# A tenth more or less, so that not everything comes back in the same second.
JITTER = 0.1
_CLAIMED = timedelta(seconds=60)
_KEPT, _MOST, _FRESH = timedelta(days=14), 1000, timedelta(hours=1)
_HIDDEN = "Not sent: the entity is not for this webhook any more."


def due(now: datetime | None = None) -> list[int]:
    """The webhooks for which something is due."""
    rows = _due(now or timezone.now()).filter(webhook__in=Webhook.objects.active())
    return list(rows.order_by().values_list("webhook_id", flat=True).distinct())


def deliver(webhook_id: int, now: datetime | None = None) -> int:
    """Send what is due to one webhook, AT_ONCE at most. Returns how many were tried."""
    moment = now or timezone.now()
    rows = Webhook.objects.active().select_related("created_by")
    hook = rows.filter(pk=webhook_id).first()
    if hook is None:
        return 0
    claimed = _claim(hook, moment)
    mine = _without_hidden(hook, claimed, moment)
    requests = []
    for one in mine:
        body = one.body.encode()
        headers = headers_of(hook, one.message_id, body, timezone.now())
        requests.append(request_of(hook.address, headers, body))
    for one, outcome in zip(mine, post_all(requests), strict=True):
        _note(one, outcome, moment)
    return len(claimed)


def forget(now: datetime | None = None) -> int:
    """Let go what is older than two weeks, and more than the newest thousand of each
    webhook that are done; how many."""
    moment = now or timezone.now()
    gone = Delivery.objects.filter(created_at__lt=moment - _KEPT).delete()[0]
    done = Delivery.objects.exclude(state=Delivery.WAITING)
    for key in Webhook.objects.values_list("pk", flat=True):
        rows = done.filter(webhook_id=key).order_by("-pk")
        edge = rows.values_list("pk", flat=True)[_MOST : _MOST + 1].first()
        if edge is not None:
            old = rows.filter(pk__lte=edge, created_at__lt=moment - _FRESH)
            gone += old.order_by().delete()[0]
    return gone


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(state=Delivery.WAITING, next_at__lte=now)


def _claim(hook: Webhook, now: datetime) -> list[Delivery]:
    """Three queries, however many there are. Whoever comes second finds them moved."""
    mark = uuid.uuid4().hex
    rows = _due(now).filter(webhook=hook).order_by("next_at", "pk")
    keys = list(rows.values_list("pk", flat=True)[:AT_ONCE])
    if not keys:
        return []
    mine = _due(now).filter(pk__in=keys)
    mine.update(next_at=now + _CLAIMED, claim=mark, tries=F("tries") + 1)
    return list(Delivery.objects.filter(claim=mark).order_by("pk"))


def _without_hidden(
    hook: Webhook, claimed: Sequence[Delivery], now: datetime
) -> list[Delivery]:
    """Those that may still be told; the others never are."""
    seen = sight.visible(hook, (one.identity_id for one in claimed))
    may = [one for one in claimed if one.identity_id in seen or one.type == TEST]
    hidden = [one.pk for one in claimed if one not in may]
    if hidden:
        Delivery.objects.filter(pk__in=hidden).update(
            state=Delivery.WITHHELD, error=_HIDDEN, done_at=now, claim=""
        )
    return may


def _note(one: Delivery, outcome: Outcome, now: datetime) -> None:
    fields: dict[str, Any] = {
        "status": outcome.status,
        "error": outcome.error,
        "response": outcome.response,
        "took": outcome.took,
        "tried_at": timezone.now(),
        "claim": "",
    }
    if not outcome.error:
        fields |= {"state": Delivery.SENT, "done_at": now}
    elif outcome.status == GONE or one.tries > len(WAITS):
        fields |= {"state": Delivery.GAVE_UP, "done_at": now}
    else:
        seconds = WAITS[one.tries - 1] * random.uniform(1 - JITTER, 1 + JITTER)
        # From the end of the try: who hangs for ten seconds is left alone for a while.
        took = timedelta(milliseconds=outcome.took)
        fields |= {"next_at": now + took + timedelta(seconds=seconds)}
    Delivery.objects.filter(pk=one.pk, claim=one.claim).update(**fields)
    if outcome.status == GONE:
        said = f"Paused: {outcome.error}"
        Webhook.objects.filter(pk=one.webhook_id).update(enabled=False, fault=said)
