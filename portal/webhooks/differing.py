"""Findings and orphans as events: what is there now, against what was there before.

The end of a finding leaves no row behind, so all that was there is remembered. One that
goes while the same comes at another line has only moved, and nobody is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from catalog.entities.models import Entity, Finding, Identity
from portal.webhooks.events import CLOSED, OPENED, ORPHANED, Event, stamp
from portal.webhooks.models import Known
from portal.webhooks.reading import AT_ONCE

FINDING, ORPHAN = "finding", "orphan"
_LONGEST = 2000


def is_new() -> bool:
    """Is anything there that was not, or gone? Four sums."""
    findings = Finding.objects.order_by().aggregate(n=Count("pk"), last=Max("pk"))
    orphans = _orphans().order_by().aggregate(n=Count("pk"), last=Max("orphan_since"))
    known = Known.objects.order_by()
    told = known.filter(kind=FINDING).aggregate(n=Count("pk"), last=Max("key"))
    gone = known.filter(kind=ORPHAN).aggregate(n=Count("pk"), last=Max("at"))
    return findings != told or orphans != gone


def remember_all() -> None:
    """Take what is there as known: nobody is told of it."""
    Known.objects.all().delete()
    _remember_findings(Finding.objects.order_by("pk").iterator())
    _remember_orphans(_orphans())


def findings() -> list[Event]:
    """The findings that opened and closed; from now on they are known."""
    rows = Known.objects.filter(kind=FINDING)
    now = set(Finding.objects.values_list("pk", flat=True))
    before = set(rows.values_list("key", flat=True))
    came = list(Finding.objects.filter(pk__in=sorted(now - before)[:AT_ONCE]))
    gone = list(rows.filter(key__in=sorted(before - now)[:AT_ONCE]))
    _remember_findings(came)
    Known.objects.filter(pk__in=[row.pk for row in gone]).delete()
    closed = [(row.key, json.loads(row.facts)) for row in gone]
    opened = [(row.pk, _facts(row)) for row in came]
    opened, closed = _without_moved(opened, closed)
    events = [_event(OPENED, *one) for one in opened]
    return _with_identities(events + [_event(CLOSED, *one) for one in closed])


def orphans() -> list[Event]:
    """The entities that vanished from their source; from now on they are known."""
    known = dict(Known.objects.filter(kind=ORPHAN).values_list("key", "at"))
    now = dict(_orphans().values_list("pk", "orphan_since"))
    stale = [key for key, at in known.items() if now.get(key) != at]
    fresh = [key for key, at in now.items() if known.get(key) != at][:AT_ONCE]
    for start in range(0, len(stale), AT_ONCE):
        some = stale[start : start + AT_ONCE]
        Known.objects.filter(kind=ORPHAN, key__in=some).delete()
    rows = list(_orphans().filter(pk__in=fresh))
    _remember_orphans(rows)
    return [
        Event(
            type=ORPHANED,
            key=f"orphan {row.pk} {row.orphan_since.isoformat()}",
            at=row.orphan_since,
            since=row.orphan_since,
            ref=row.ref,
            identity=row.pk,
            data={"since": stamp(row.orphan_since)},
        )
        for row in rows
        if row.orphan_since is not None
    ]


def _orphans() -> QuerySet[Entity]:
    rows = Entity.objects.exclude(orphan_since=None)
    return rows.only("pk", "ref", "orphan_since").order_by("pk")


def _facts(row: Finding) -> dict[str, Any]:
    return {
        "code": row.code,
        "severity": row.severity,
        "subject": row.subject,
        "message": row.message[:_LONGEST],
        "remedy": row.remedy[:_LONGEST],
        "since": stamp(row.since),
        "place": [row.source_id, row.path, row.field, row.value],
    }


def _remember_findings(rows: Iterable[Finding]) -> None:
    made = (
        Known(kind=FINDING, key=row.pk, at=row.since, facts=json.dumps(_facts(row)))
        for row in rows
    )
    Known.objects.bulk_create(made, batch_size=AT_ONCE, ignore_conflicts=True)


def _remember_orphans(rows: Iterable[Entity]) -> None:
    made = [
        Known(kind=ORPHAN, key=row.pk, at=row.orphan_since)
        for row in rows
        if row.orphan_since is not None
    ]
    Known.objects.bulk_create(made, batch_size=AT_ONCE, ignore_conflicts=True)


Facts = list[tuple[int, dict[str, Any]]]


def _without_moved(opened: Facts, closed: Facts) -> tuple[Facts, Facts]:
    both = {_same(one) for _, one in opened} & {_same(one) for _, one in closed}
    return (
        [(key, one) for key, one in opened if _same(one) not in both],
        [(key, one) for key, one in closed if _same(one) not in both],
    )


def _same(facts: dict[str, Any]) -> str:
    """What makes a finding the same one, wherever its line is."""
    return json.dumps([facts[key] for key in ("code", "subject", "message", "place")])


def _event(kind: str, key: int, facts: dict[str, Any]) -> Event:
    data = {name: facts[name] for name in ("code", "severity", "message", "since")}
    since = datetime.fromisoformat(facts["since"])
    return Event(
        type=kind,
        key=f"{kind} {key}",
        at=timezone.now() if kind == CLOSED else since,
        since=since,
        ref=facts["subject"],
        data={**data, "remedy": facts["remedy"] or None, "finding": key},
    )


def _with_identities(events: list[Event]) -> list[Event]:
    refs = {event.ref for event in events if event.ref}
    known = dict(Identity.objects.filter(ref__in=refs).values_list("ref", "pk"))
    return [replace(event, identity=known.get(event.ref)) for event in events]
