"""Webhooks for tests: one with a receiver, what came in, the clock of its tries."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from portal.accounts.models import Account
from portal.webhooks import gathering, keeping, outbox
from portal.webhooks.events import TYPES
from portal.webhooks.models import Delivery, Webhook
from tests.receiving import Receiving


def hook(by: Account, address: str = "http://127.0.0.1:1/", **fields: Any) -> Webhook:
    """A webhook that is told everything, with what everybody with an account sees."""
    fields = {"title": "Inventory", "events": " ".join(TYPES), **fields}
    made = Webhook(address=address, **fields)
    keeping.add(made, by)
    return made


def at(server: Receiving) -> str:
    """The address of a receiver."""
    return f"http://{server.at}/in"


def run(now: datetime | None = None) -> None:
    """Gather what is new, and try all that is due."""
    gathering.gather()
    for key in outbox.due(now):
        while outbox.deliver(key, now) == outbox.AT_ONCE:
            pass


def later(**time: float) -> datetime:
    """A moment that is to come."""
    return timezone.now() + timedelta(**time)


def told() -> list[tuple[str, str]]:
    """Type and subject of every delivery, in order."""
    return list(Delivery.objects.order_by("pk").values_list("type", "subject"))


def bodies(server: Receiving) -> list[dict[str, Any]]:
    """What came in, by its time of arrival."""
    return [json.loads(request.body) for request in server.requests]
