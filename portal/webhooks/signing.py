"""The signature of https://www.standardwebhooks.com, and the secret that it is made of.

The secret is derived from the house's own key, so that nothing is stored; raising its
number makes a new one. For a day both sign, so that a receiver can change over.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac

from portal.webhooks.models import Webhook

PREFIX = "whsec_"
CHANGE_OVER = timedelta(days=1)


def secret_of(webhook: Webhook) -> str:
    """The secret that its receiver checks with."""
    return PREFIX + base64.b64encode(_key(webhook, webhook.secret_number)).decode()


def headers_of(
    webhook: Webhook, message_id: str, body: bytes, now: datetime
) -> dict[str, str]:
    """What stands above a body that is sent now."""
    moment = str(int(now.timestamp()))
    said = f"{message_id}.{moment}.".encode() + body
    numbers = [webhook.secret_number]
    if webhook.renewed_at is not None and webhook.renewed_at > now - CHANGE_OVER:
        numbers.append(webhook.secret_number - 1)
    signatures = (_signature(_key(webhook, number), said) for number in numbers)
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signatures),
    }


def _key(webhook: Webhook, number: int) -> bytes:
    said = f"{webhook.uid.hex} {number}"
    return salted_hmac("greenroom webhook", said, algorithm="sha256").digest()


def _signature(key: bytes, said: bytes) -> str:
    made = hmac.new(key, said, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()
