"""Which checks are due: claimed in the database, so that no queue has to be trusted.

A check is claimed by one worker, and not again before it has ended or has had more
than enough time. Due times are spread by the key, so that a thousand checks of the
same interval do not come in the same second.
"""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from catalog.http.addresses import FetchError, host_and_port
from catalog.probes import clock, standins, words
from catalog.probes.ask import Target
from catalog.probes.look import longest
from catalog.probes.models import Check
from catalog.probes.settings import REFERENCE
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import reveal

log = logging.getLogger(__name__)
BATCH = 200
_SPREAD = 3000
_FIELDS = (
    "pk",
    "level",
    "interval",
    "timeout",
    "due",
    "memory",
    "probe_id",
    "probe__identity_id",
    "probe__identity__ref",
    "probe__prober",
    "probe__url",
    "probe__settings",
    "probe__expected",
)
# Plain SQL: it is asked every second, and mostly there is nothing.
_FROM = (
    "FROM probes_check c JOIN probes_probe p ON p.id = c.probe_id "
    "JOIN entities_identity i ON i.id = p.identity_id "
    "WHERE c.due <= %s AND c.busy_until < %s "
    "AND p.paused_at IS NULL AND p.fault = '' AND p.queue IN "
)
_COLUMNS = (
    "c.id, c.level, c.interval, c.timeout, c.due, c.memory, p.id, p.identity_id, "
    "i.ref, p.prober, p.url, p.settings, p.expected"
)
_CLAIM = "UPDATE probes_check SET busy_until = %s, due = %s WHERE id = %s"
# Further away than any claim and any rhythm leads.
_PLAN_ANEW = (
    "UPDATE probes_check SET due = %s, busy_until = 0 "
    "WHERE due > %s + interval * 1000 OR busy_until > %s + timeout * 6000"
)
_SLACK = 30_000


class Row(NamedTuple):
    """A check with its probe, as it is claimed."""

    pk: int
    level: str
    interval: int
    timeout: float
    due: int
    memory: str
    probe: int
    identity: int
    ref: str
    prober: str
    url: str
    settings: str
    expected: str


def waiting(queues: Iterable[str], until: int) -> int:
    """How many checks these queues have to make until a moment."""
    rows = _due("COUNT(*)", tuple(queues), until)
    return int(rows[0][0]) if rows else 0


def _due(
    what: str, queues: tuple[str, ...], until: int, ending: str = ""
) -> list[tuple[Any, ...]]:
    """What is due until a moment, of checks that nobody has claimed."""
    if not queues:
        return []
    places = ", ".join(["%s"] * len(queues))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {what} {_FROM} ({places}) {ending}",
            [until, clock.now(), *queues],
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def claim(queues: Iterable[str], ahead: int, limit: int = BATCH) -> list[Target]:
    """Take what is due within `ahead` milliseconds, as targets for the loop, the oldest
    first."""
    now, served = clock.now(), tuple(queues)
    # Looked at before: a transaction alone would keep others from writing to SQLite.
    if not _due("1", served, now + ahead, "LIMIT 1"):
        return []
    ending = f"ORDER BY c.due LIMIT {limit:d}"
    if connection.features.has_select_for_update_skip_locked:
        ending += " FOR UPDATE OF c SKIP LOCKED"
    with transaction.atomic():
        rows = [Row(*row) for row in _due(_COLUMNS, served, now + ahead, ending)]
        held = {row.pk: _held_until(row, now) for row in rows}
        with connection.cursor() as cursor:
            cursor.executemany(
                _CLAIM, [(held[r.pk], _next(r, now), r.pk) for r in rows]
            )
        # In here: what cannot be handed over because of the database is not claimed.
        return _targets(rows, held)


def _next(row: Row, now: int) -> int:
    # After its own time: claimed ahead of it, it would come twice.
    return next_due(row.pk, row.interval, max(now, row.due))


def _held_until(row: Row, now: int) -> int:
    # A golden input may have to wait for those of others.
    patience = longest(row.timeout) * (2 if row.level == words.SERVING else 1)
    return max(now, row.due) + int(patience * 1000) + 2000


def release(checks: Sequence[int]) -> None:
    """Give back what was claimed and not looked at: it is due now."""
    Check.objects.filter(pk__in=checks).update(busy_until=0, due=clock.now())


def release_all() -> None:
    """For the only worker there is, when it begins: nobody holds a claim."""
    Check.objects.filter(busy_until__gt=0).update(busy_until=0, due=clock.now())


def plan_anew() -> None:
    """What lies further away than it can is due now: the clock was put back."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(_PLAN_ANEW, [now, now + _SLACK, now + _SLACK])


def next_due(check: int, interval: int, now: int) -> int:
    """The next moment of a check after now, in a rhythm of its own: what was missed is
    not made up for, and what was asked out of turn does not shift it."""
    step = interval * 1000
    offset = zlib.crc32(str(check).encode()) % step
    return now + step - (now - offset) % step


def soon(key: str, now: int) -> int:
    """A moment in the next seconds, not the same for all that are new at once."""
    return now + zlib.crc32(key.encode()) % _SPREAD


def _targets(rows: Iterable[Row], held: dict[int, int]) -> list[Target]:
    """Rows as targets. One that cannot be is left out, and takes no other with it."""
    found, keys = [], cache(key_of)
    for row in rows:
        try:
            options = json.loads(row.settings)
            # Of an example, its stand-in: whoever is asked gets the key, nobody else.
            asked = row._replace(url=options.pop(standins.OPTION, "") or row.url)
            key, fault = keys(options.get("key", ""), asked.url)
            found.append(_target(asked, options, key, fault, held.get(row.pk, 0)))
        except DatabaseError:
            raise
        except Exception:
            log.exception("The %s of %s cannot be asked", row.level, row.ref)
    return found


def _target(
    row: Row, options: dict[str, object], key: str, fault: str, held: int
) -> Target:
    return Target(
        check=row.pk,
        probe=row.probe,
        identity=row.identity,
        ref=row.ref,
        prober=row.prober,
        url=row.url,
        level=row.level,
        interval=row.interval,
        timeout=row.timeout,
        due=row.due,
        options=options,
        expects=tuple(map(tuple, json.loads(row.expected))),
        memory=json.loads(row.memory),
        key=key,
        key_fault=fault,
        held=held,
    )


def key_of(reference: str, url: str) -> tuple[str, str]:
    """The value that a reference stands for at this server, or why there is none."""
    match = REFERENCE.fullmatch(reference)
    if not match:
        return "", ""
    try:
        host, port = _place(url)
        return reveal(match[1], use="probe", host=host, port=port).value, ""
    except (SecretError, FetchError) as error:
        return "", str(error)[:500]


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme == "tcp":
        return parts.hostname or "", parts.port or 0
    return host_and_port(url)


def targets_of(checks: QuerySet[Check]) -> list[Target]:
    """These checks as targets, without claiming them."""
    rows = checks.order_by("probe_id", "pk").values_list(*_FIELDS)
    return _targets([Row(*row) for row in rows], {})
