"""What changed: every change of the catalog, by step, with filters in the address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_safe

from catalog.entities import changes, history, past
from catalog.entities.changes import Asked
from catalog.entities.models import Entity, Revision
from catalog.kind import KINDS
from catalog.query import hits
from portal.web.gate import viewer_of

SINCE = {
    "": "Any time",
    "today": "Today",
    "24h": "The last 24 hours",
    "7d": "The last 7 days",
    "30d": "The last 30 days",
}
ACTIONS = {
    "": "Anything",
    "added": "Added",
    "changed": "Changed",
    "removed": "Removed",
    changes.REPORTED: "Reported by tools",
}
SHOWN = 12


@require_safe
def what_changed(request: HttpRequest) -> HttpResponse:
    """The newest changes that the reader may see."""
    viewer, given = viewer_of(request), request.GET
    asked = asked_in(request)
    since = given.get("since", "")
    context = {
        "listing": changes.listed(viewer, asked),
        "asked": asked,
        "since": since,
        "sinces": SINCE if since in SINCE else {**SINCE, since: f"Since {since}"},
        "is_understood": bool(asked.since) or not since,
        "actions": ACTIONS if viewer.sees_all else without_removed(),
        "kinds": sorted(KINDS),
        "sources": sorted(hits.counts("source", viewer)),
        "is_filtered": any(given.get(name) for name in FILTERS),
        "shown": SHOWN,
    }
    return render(request, "pages/changes.html", context)


FILTERS = ("since", "action", "kind", "source", "who", "name")


def without_removed() -> dict[str, str]:
    """Removals are told only to those who see all."""
    return {key: title for key, title in ACTIONS.items() if key != "removed"}


def asked_in(request: HttpRequest) -> Asked:
    """The filters of the address; what is not understood narrows nothing."""
    given = request.GET
    before = given.get("before", "")
    action = given.get("action", "")
    return Asked(
        since=moment_of(given.get("since", "")),
        action=action if action in ACTIONS else "",
        kind=given.get("kind", "")[:63].replace("\0", ""),
        source=given.get("source", "")[:200].replace("\0", ""),
        who=given.get("who", "")[:200].replace("\0", "").strip(),
        name=given.get("name", "")[:100].replace("\0", "").strip(),
        before=int(before[:18]) if before.isascii() and before.isdigit() else 0,
        event=given.get("event", "")[:40],
    )


def moment_of(text: str) -> datetime | None:
    """`today`, `24h`, `7d`, a date or a date with a time, in the reader's zone."""
    now = timezone.localtime()
    if text == "today":
        return now.replace(hour=0, minute=0, second=0, microsecond=0)
    number, unit = text[:-1], text[-1:]
    if unit in ("h", "d") and number.isascii() and number.isdigit():
        hours = min(int(number[:6]), 900_000) * (24 if unit == "d" else 1)
        return now - timedelta(hours=min(hours, 900_000))
    try:
        moment = parse_datetime(text)
        day = parse_date(text) if moment is None else None
    except ValueError:
        return None
    if day is not None:
        moment = datetime(day.year, day.month, day.day)
    if moment is not None and timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    return moment


@require_safe
def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """What one change did to the text: a fragment, asked for when it is opened."""
    viewer = viewer_of(request)
    revision = Revision.objects.select_related("identity").filter(pk=pk).first()
    rows = readable(revision, viewer) if revision else None
    if revision is None or rows is None or not rows.filter(pk=pk).exists():
        raise Http404
    before = rows.filter(pk__lt=pk).first()
    lines = history.difference(before.text if before else "", revision.text)
    context: dict[str, Any] = {"revision": revision, "lines": lines}
    return render(request, "fragments/difference.html", context)


def readable(revision: Revision, viewer: Any) -> Any:
    """The revisions of its entity that the viewer may read; None where it is hidden."""
    visible = Entity.objects.visible_to(viewer).filter(pk=revision.identity_id)
    entity = visible.first()
    if entity is not None:
        return past.revisions(entity, viewer)
    if viewer.sees_all:
        rows = Revision.objects.filter(identity_id=revision.identity_id)
        return rows.order_by("-id")
    return None
