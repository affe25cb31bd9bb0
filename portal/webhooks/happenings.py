"""Revisions and transitions as events: what changed, by whom, from which state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.entities.models import Revision
from catalog.probes import clock
from catalog.probes.models import Transition
from portal.webhooks.events import PROBE, STATUS, Event, stamp

REVISIONS = Revision.objects.select_related("identity").defer("text")
TRANSITIONS = Transition.objects.select_related("identity", "probe")


def of_revisions(rows: Iterable[Revision]) -> Iterator[Event]:
    """What was added, changed and removed; never its text."""
    for row in rows:
        data = {
            "action": row.action,
            "door": row.door,
            "source": row.source_name or None,
            "commit": row.commit or None,
            "author": row.author_name or None,
            "reason": row.reason or None,
            "revision": row.pk,
        }
        yield Event(
            type=f"entity.{row.action}",
            key=f"revision {row.pk}",
            at=row.at,
            since=row.at,
            ref=row.identity.ref,
            identity=row.identity_id,
            revision=row.pk,
            data=data,
        )


def of_transitions(rows: Iterable[Transition]) -> Iterator[Event]:
    """States that changed; without a probe it is that of the entity. Neither the
    address of a server nor what it said is told."""
    for row in rows:
        at = clock.moment(row.at)
        probe = {}
        if row.probe is not None:
            one = row.probe
            probe = {
                "probe": {
                    "id": str(one.uid),
                    "prober": one.prober,
                    "title": one.title or None,
                }
            }
        data = {
            **probe,
            "from": row.before,
            "to": row.after,
            "since": stamp(at),
            "error": row.error or None,
            "flapping": row.flapping,
        }
        yield Event(
            type=PROBE if row.probe_id else STATUS,
            key=f"transition {row.pk}",
            at=at,
            since=at,
            ref=row.identity.ref,
            identity=row.identity_id,
            data=data,
        )
