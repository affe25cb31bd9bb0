"""How a probe and its entity stand: their state now, and the transitions to it.

The state of an entity is the worst of its probes, or maintenance while a window is
open. A probe that is paused or was never asked does not count while another does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection
from django.utils import timezone

from catalog.probes import clock, judging, words
from catalog.probes.judging import Level, Verdict
from catalog.probes.models import Check, Maintenance, Probe, Status, Transition
from catalog.probes.sql import SqlRow

_PROBE = (
    "UPDATE probes_probe SET state = %s, since = %s, fresh_until = %s, error = %s, "
    "detail = %s, latency = %s, models_seen = %s, version = %s, kind_seen = %s, "
    "load = %s, started_at = %s, flips = %s WHERE id = %s"
)
_STATUS = (
    "INSERT INTO probes_status (identity_id, state, since, fresh_until, error, detail, "
    "latency, at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (identity_id) DO UPDATE SET state = excluded.state, "
    "since = excluded.since, fresh_until = excluded.fresh_until, "
    "error = excluded.error, detail = excluded.detail, latency = excluded.latency, "
    "at = excluded.at"
)
Known = Mapping[int, tuple[Probe, list[Check]]]


def locked(identities: Iterable[int]) -> list[Probe]:
    """All probes of entities, in the one order in which everybody locks them: what is
    said of an entity rests on all of its probes. Inside a transaction."""
    rows = Probe.objects.filter(identity_id__in=list(identities)).order_by("pk")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update()
    return list(rows)


def settle(
    known: Known, now: int | None = None, *, family: list[Probe] | None = None
) -> set[int]:
    """Bring probes and their entities to the state that their levels give. Returns the
    identities whose state has changed. Inside a transaction; `family` are all probes of
    these entities, locked."""
    moment = now or clock.now()
    transitions: list[Transition] = []
    for probe, checks in known.values():
        transitions += _settle_probe(probe, checks, moment)
    with connection.cursor() as cursor:
        cursor.executemany(_PROBE, [_row(probe) for probe, _ in known.values()])
    identities = {probe.identity_id for probe, _ in known.values()}
    told = settle_entities(identities, moment, family)
    Transition.objects.bulk_create(transitions)
    return told | {transition.identity_id for transition in transitions}


def levels(checks: Iterable[Check]) -> list[Level]:
    """The levels of a probe, as they are judged."""
    return [
        Level(
            check.level,
            check.confirmed,
            check.since,
            check.error,
            check.detail,
            check.at,
            check.interval,
            check.timeout,
        )
        for check in checks
    ]


def _settle_probe(probe: Probe, checks: list[Check], now: int) -> list[Transition]:
    """Set the state of one probe; its transition, where there is one."""
    found = levels(checks)
    verdict = _paused() if probe.paused_at else judging.combine(found, now)
    alive = [level for level in found if level.level == words.ALIVE]
    probe.fresh_until = max(map(judging.fresh_until, alive), default=0)
    probe.latency = _latency(checks, probe.latency)
    before = probe.state
    at = now
    if verdict.error == words.LATE and probe.fresh_until:
        # It became unknown then, even if nobody was there to see.
        at = max(min(now, probe.fresh_until), probe.since)
    probe.error, probe.detail = verdict.error, verdict.detail
    if verdict.state == before:
        return []
    probe.state, probe.since = verdict.state, at
    flapping = _note_flip(probe, before, at)
    return [
        Transition(
            identity_id=probe.identity_id,
            probe=probe,
            at=at,
            before=before,
            after=verdict.state,
            error=verdict.error,
            detail=verdict.detail,
            flapping=flapping,
            # Only those of entities are told and acted on: nobody looks for this one.
            told_at=timezone.now(),
            processed_at=timezone.now(),
        )
    ]


def _paused() -> Verdict:
    return Verdict(words.UNKNOWN, words.PAUSED, "Paused.")


def _latency(checks: list[Check], known: float | None) -> float | None:
    """That of the deepest level that has one."""
    by_level = {check.level: check.latency for check in checks}
    for level in (words.SERVING, words.ALIVE):
        if by_level.get(level) is not None:
            return by_level[level]
    return known


def _note_flip(probe: Probe, before: str, at: int) -> bool:
    """Remember that it went down or came back; is that too often by now?"""
    flips = judging.recent_flips(json.loads(probe.flips), at)
    if words.DOWN in (before, probe.state):
        flips.append(at)
    probe.flips = json.dumps(flips)
    return judging.is_flapping(flips, at)


def _row(probe: Probe) -> SqlRow:
    return (
        probe.state,
        probe.since,
        probe.fresh_until,
        probe.error,
        probe.detail,
        probe.latency,
        probe.models_seen,
        probe.version,
        probe.kind_seen,
        probe.load,
        probe.started_at,
        probe.flips,
        probe.pk,
    )


def settle_entities(
    identities: set[int], now: int, family: list[Probe] | None = None
) -> set[int]:
    """Bring entities to the state that their probes give; those that changed. Inside a
    transaction."""
    probes: dict[int, list[Probe]] = defaultdict(list)
    for probe in locked(identities) if family is None else family:
        probes[probe.identity_id].append(probe)
    known = Status.objects.in_bulk(identities)
    resting = in_maintenance(identities)
    rows: list[SqlRow] = []
    transitions: list[Transition] = []
    # In order: two workers that write the same rows must not wait for each other.
    for identity in sorted(identities):
        status = known.get(identity) or Status(identity_id=identity)
        transition = _settle_entity(
            status, probes[identity], resting.get(identity), now
        )
        rows.append(_status_row(status))
        transitions += [transition] if transition else []
    with connection.cursor() as cursor:
        cursor.executemany(_STATUS, rows)
    Transition.objects.bulk_create(transitions)
    return {transition.identity_id for transition in transitions}


def _settle_entity(
    status: Status, probes: list[Probe], window: Maintenance | None, now: int
) -> Transition | None:
    counted = [probe for probe in probes if not probe.paused_at] or probes
    worst = min(
        counted, key=lambda probe: words.STATES.index(probe.state), default=None
    )
    before = status.state
    if worst is not None:
        status.state, status.error = worst.state, worst.error
        status.detail, status.latency = worst.detail, worst.latency
    else:
        status.state, status.error, status.detail = words.UNKNOWN, "", ""
    if window is not None:
        status.state, status.error = words.MAINTENANCE, ""
        status.detail = f"{window.reason} ({window.by})"[:500]
    status.fresh_until = max((probe.fresh_until for probe in counted), default=0)
    status.at = now
    if status.state == before:
        return None
    status.since = _since(status, counted, window, now)
    return Transition(
        identity_id=status.identity_id,
        at=status.since or now,
        before=before,
        after=status.state,
        error=status.error,
        detail=status.detail,
        flapping=bool(worst and judging.is_flapping(json.loads(worst.flips), now)),
    )


def _since(
    status: Status, counted: list[Probe], window: Maintenance | None, now: int
) -> int:
    """When an entity came to its new state: now, but silence is dated to its beginning.

    The moment of the worst probe would be wrong: where the other one came back, it has
    been up for long.
    """
    if window is not None or status.error != words.LATE:
        return now
    return max(status.since, *(probe.since for probe in counted))


def _status_row(status: Status) -> SqlRow:
    return (
        status.identity_id,
        status.state,
        status.since,
        status.fresh_until,
        status.error,
        status.detail,
        status.latency,
        status.at,
    )


def in_maintenance(identities: Iterable[int]) -> dict[int, Maintenance]:
    """The open window of each of these entities."""
    now, asked = timezone.now(), set(identities)
    # Few are open at a time: all of them cost less than a list of those asked for.
    rows = Maintenance.objects.filter(starts_at__lte=now, ends_at__gt=now)
    return {row.identity_id: row for row in rows if row.identity_id in asked}
