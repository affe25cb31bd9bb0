"""What a webhook may be told: the sight of its maker, or less, and its query.

Asked when an event is gathered and again before each try, because what was for
everybody may have been closed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Min

from catalog.entities import access, ceilings, past
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.query.language.asking import ask
from catalog.query.language.wrong import Wrong
from portal.webhooks.events import Event
from portal.webhooks.models import Webhook

_NOBODY: frozenset[str] = frozenset()


def viewer_of(webhook: Webhook) -> Viewer:
    """Who looks for a webhook."""
    if webhook.sight == Webhook.MAKER:
        return access.viewer_of(webhook.created_by)
    signed_in = webhook.sight == Webhook.SIGNED_IN
    return Viewer(signed_in=signed_in, closed=ceilings.closed_to(_NOBODY))


def allowed(webhook: Webhook, events: Sequence[Event]) -> list[Event]:
    """Those of the events that the webhook may be told."""
    viewer = viewer_of(webhook)
    found = list(events) if viewer.sees_all else _seen(viewer, events)
    if not webhook.query or not found:
        return found
    hits = _hits(webhook.query, viewer)
    return [event for event in found if event.identity in hits]


def fault(webhook: Webhook) -> str:
    """What is wrong with its query, in words; empty where it can be asked."""
    try:
        ask(webhook.query, viewer_of(webhook))
    except Wrong as wrong:
        return f"{wrong.message} {wrong.remedy}".strip()
    return ""


def visible(webhook: Webhook, identities: Iterable[int | None]) -> set[int | None]:
    """Which of these entities the webhook may hear of now; None stands for none."""
    keys = set(identities)
    viewer = viewer_of(webhook)
    return keys if viewer.sees_all else set(_visible(viewer, keys))


def _seen(viewer: Viewer, events: Sequence[Event]) -> list[Event]:
    since = _since(viewer, _visible(viewer, {event.identity for event in events}))
    rows = past.of_all(viewer).filter(pk__in={event.revision for event in events})
    readable = set(rows.values_list("pk", flat=True))
    found = []
    for event in events:
        if event.revision:
            may = event.revision in readable
        else:
            start = since.get(event.identity)
            may = start is not None and start <= event.since
        found += [event] if may else []
    return found


def _visible(viewer: Viewer, keys: set[int | None]) -> set[int]:
    known = [key for key in keys if key is not None]
    rows = Entity.objects.visible_to(viewer).filter(pk__in=known)
    return set(rows.values_list("pk", flat=True))


def _since(viewer: Viewer, keys: set[int]) -> dict[int | None, datetime]:
    """Since when the viewer may know what each of these was: one query for all."""
    rows = past.of_all(viewer).filter(identity_id__in=keys).order_by()
    counted = rows.values_list("identity_id").annotate(first=Min("at"))
    return dict(counted)


def _hits(query: str, viewer: Viewer) -> set[int]:
    """The entities that a query finds; none where it is none any more."""
    try:
        return set(ask(query, viewer).keys())
    except Wrong:
        return set()
