"""From what happened to deliveries: each event once for each webhook that it is for.

Everything is read from rows that are written already, and the place that reading has
come to moves in the transaction that writes the deliveries: nothing is lost and nothing
comes twice when a process dies in between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from django.db import connection, transaction

from catalog.entities.models import Entity
from catalog.probes import clock, wording
from portal.webhooks import differing, happenings, reading, sight
from portal.webhooks.events import Event, stamp
from portal.webhooks.models import Delivery, Place, Webhook

REVISION, TRANSITION = "revision", "transition"
_TABLES = {
    REVISION: happenings.REVISIONS,
    TRANSITION: happenings.TRANSITIONS,
}


def gather() -> int:
    """Write the deliveries for what is new. Returns how many there are."""
    hooks = list(Webhook.objects.active().select_related("created_by"))
    if not hooks:
        # Whoever listens next hears of what comes then.
        if Place.objects.exists():
            Place.objects.all().delete()
        return 0
    begin()
    places = {place.name: place for place in Place.objects.all()}
    if not _is_new(places):
        return 0
    with transaction.atomic():
        events = _take()
        return sum(_put(hook, events) for hook in hooks) if events else 0


def begin() -> None:
    """Somebody listens: from now on, if nobody did until now."""
    if Place.objects.exists():
        return
    with transaction.atomic():
        made = [
            Place(name=name, done=reading.newest(rows.all()))
            for name, rows in _TABLES.items()
        ]
        Place.objects.bulk_create(made, ignore_conflicts=True)
        differing.remember_all()


def _is_new(places: Mapping[str, Place]) -> bool:
    if differing.is_new():
        return True
    return any(
        name in places and reading.is_new(places[name], rows.all())
        for name, rows in _TABLES.items()
    )


def _take() -> list[Event]:
    """What is new, of all kinds; from now on it is passed."""
    rows = Place.objects.order_by("name")
    if connection.features.has_select_for_update:
        # One worker at a time reads on; on SQLite only one writes anyway.
        rows = rows.select_for_update()
    places = {place.name: place for place in rows}
    if len(places) < len(_TABLES):
        return []
    now = clock.now()
    changed = reading.take(places[REVISION], happenings.REVISIONS.all(), now)
    moved = reading.take(places[TRANSITION], happenings.TRANSITIONS.all(), now)
    for place in places.values():
        place.save()
    return [
        *happenings.of_revisions(changed),
        *happenings.of_transitions(moved),
        *differing.orphans(),
        *differing.findings(),
    ]


def _put(hook: Webhook, events: Sequence[Event]) -> int:
    """The deliveries of one webhook; always the same number of queries."""
    wanted = [e for e in events if e.type in hook.types and e.at >= hook.since]
    told = sight.allowed(hook, wanted) if wanted else []
    if not told:
        return 0
    titles = _titles(told)
    made = [
        Delivery(
            webhook=hook,
            key=event.key,
            type=event.type,
            identity_id=event.identity,
            subject=event.ref or str(event.data.get("code", "")),
            body=body_of(event, titles.get(event.identity)),
        )
        for event in told
    ]
    Delivery.objects.bulk_create(
        made, batch_size=reading.AT_ONCE, ignore_conflicts=True
    )
    return len(made)


def _titles(events: Sequence[Event]) -> dict[int | None, str]:
    """What the entities are called, of those that are there."""
    keys = {event.identity for event in events if event.identity is not None}
    rows = Entity.objects.filter(pk__in=keys).only("pk", "title", "name")
    return {row.pk: row.label for row in rows}


def body_of(event: Event, title: str | None = None) -> str:
    """What is sent of an event, as JSON. What is not known is null."""
    about = {
        "ref": event.ref or None,
        "kind": event.ref.partition(":")[0] or None,
        "title": title,
        "url": (wording.page_of(event.ref) if event.ref else "") or None,
    }
    said = {
        "type": event.type,
        "timestamp": stamp(event.at),
        "data": {**about, **event.data},
    }
    return json.dumps(said, ensure_ascii=False)
