"""What an administrator does with webhooks: each verb leaves a row of the audit."""

from __future__ import annotations

import json
import uuid

from django.conf import settings
from django.utils import timezone

from portal.accounts import audit
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal
from portal.webhooks import gathering
from portal.webhooks.events import TEST, stamp
from portal.webhooks.models import Delivery, Webhook
from portal.webhooks.signing import secret_of

MOST = 20
ADDED, CHANGED, REMOVED = (
    "added the webhook",
    "changed the webhook",
    "removed the webhook",
)
PAUSED, RESUMED = "paused the webhook", "resumed the webhook"
RENEWED = "renewed the webhook secret"
TESTED, REPEATED = "tested the webhook", "sent again to the webhook"
ACTIONS = (ADDED, CHANGED, REMOVED, PAUSED, RESUMED, RENEWED, TESTED, REPEATED)


def add(webhook: Webhook, by: Account) -> str:
    """Keep a new webhook, and give its secret. Raises Refusal."""
    if Webhook.objects.count() >= MOST:
        raise Refusal(f"There are {MOST} webhooks already: remove one of them.")
    webhook.created_by, webhook.since = by, timezone.now()
    webhook.save()
    gathering.begin()
    audit.record(by, ADDED, webhook.title, _said(webhook))
    return secret_of(webhook)


def change(webhook: Webhook, by: Account) -> None:
    """Keep what was changed; what waits goes to the new address."""
    webhook.save()
    audit.record(by, CHANGED, webhook.title, _said(webhook))


def pause(webhook: Webhook, by: Account) -> None:
    """Tell it nothing until it is resumed."""
    Webhook.objects.filter(pk=webhook.pk).update(enabled=False, fault="")
    audit.record(by, PAUSED, webhook.title)


def resume(webhook: Webhook, by: Account) -> None:
    """Tell it what happens from now on, and what still waits."""
    now = timezone.now()
    Webhook.objects.filter(pk=webhook.pk).update(enabled=True, fault="", since=now)
    gathering.begin()
    audit.record(by, RESUMED, webhook.title)


def renew(webhook: Webhook, by: Account) -> str:
    """A new secret; for a day the old one signs too."""
    webhook.secret_number += 1
    webhook.renewed_at = timezone.now()
    webhook.save(update_fields=["secret_number", "renewed_at"])
    audit.record(by, RENEWED, webhook.title)
    return secret_of(webhook)


def remove(webhook: Webhook, by: Account) -> None:
    """Forget it, with all that was sent to it."""
    title = webhook.title
    webhook.delete()
    audit.record(by, REMOVED, title)


def test(webhook: Webhook, by: Account) -> Delivery:
    """A delivery that says only that it works. Raises Refusal where nothing is sent."""
    _check_told(webhook)
    said = {
        "type": TEST,
        "timestamp": stamp(timezone.now()),
        "data": {"webhook": webhook.title, "url": settings.GREENROOM_URL or None},
    }
    made = Delivery.objects.create(
        webhook=webhook,
        key=f"test {uuid.uuid4().hex}",
        type=TEST,
        body=json.dumps(said, ensure_ascii=False),
    )
    audit.record(by, TESTED, webhook.title)
    return made


def again(delivery: Delivery, by: Account) -> None:
    """Send what was not taken once more, with the same id. Raises Refusal."""
    _check_told(delivery.webhook)
    rows = Delivery.objects.filter(pk=delivery.pk, claim="").exclude(error="")
    mine = rows.filter(state__in=(Delivery.WAITING, Delivery.GAVE_UP))
    if not mine.update(
        state=Delivery.WAITING, tries=0, next_at=timezone.now(), done_at=None
    ):
        raise Refusal("It is being sent, or was taken by now.")
    audit.record(by, REPEATED, delivery.webhook.title, str(delivery)[:500])


def _check_told(webhook: Webhook) -> None:
    if not webhook.enabled:
        raise Refusal(f"{webhook.title} is paused. Resume it first.")
    if webhook.rests:
        raise Refusal(f"{webhook.title} rests: the account that made it is not active.")


def _said(webhook: Webhook) -> str:
    query = f"; {webhook.query}" if webhook.query else ""
    return f"{webhook.address}; sees: {webhook.sight}; {webhook.events}{query}"
