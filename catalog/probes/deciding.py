"""What people decide about probing: pause, go on, maintenance, a new golden vector.

Rows with who and why, at once in force, whatever the document says.
"""

from __future__ import annotations

import json
from datetime import datetime

from django.utils import timezone

from catalog.probes import clock, standing, sweeping, words
from catalog.probes.models import Change, Check, Maintenance, Probe
from catalog.probes.recording import raise_version


def pause(probe: Probe, who: str, reason: str) -> None:
    """Ask nothing any more until somebody lets it go on."""
    Probe.objects.filter(pk=probe.pk).update(
        paused_at=timezone.now(), paused_by=who[:200], paused_reason=reason[:500]
    )
    _settle(probe)


def resume(probe: Probe) -> None:
    """Ask again, at once."""
    Probe.objects.filter(pk=probe.pk).update(
        paused_at=None, paused_by="", paused_reason=""
    )
    Check.objects.filter(probe=probe).update(due=clock.now())
    _settle(probe)


def accept_vector(probe: Probe, who: str) -> bool:
    """The model was replaced on purpose: the next vector is what later ones are like.

    Was any other vector seen? Only then there is something to accept.
    """
    turned = list(Check.objects.filter(probe=probe, error=words.CHANGED))
    for check in turned:
        memory = json.loads(check.memory)
        memory.pop("vector", None)
        check.memory, check.due = json.dumps(memory), clock.now()
        check.save(update_fields=["memory", "due"])
        Change.objects.create(
            identity_id=probe.identity_id,
            probe=probe,
            what="vector",
            evidence=f"{check.detail} Accepted by {who}."[:500],
        )
    return bool(turned)


def _settle(probe: Probe) -> None:
    sweeping.settle_probes([probe.pk])
    raise_version()


def begin_maintenance(
    identity: int, until: datetime, who: str, reason: str
) -> Maintenance:
    """Until a moment, being down calls nobody."""
    window = Maintenance.objects.create(
        identity_id=identity, ends_at=until, by=who[:200], reason=reason[:500]
    )
    _settle_entity(identity)
    return window


def end_maintenance(identity: int) -> bool:
    """Maintenance is over now. Was there any?"""
    now = timezone.now()
    rows = Maintenance.objects.filter(identity_id=identity, ends_at__gt=now)
    ended = rows.update(ends_at=now)
    _settle_entity(identity)
    return bool(ended)


def _settle_entity(identity: int) -> None:
    standing.settle_entities({identity}, clock.now())
    raise_version()
