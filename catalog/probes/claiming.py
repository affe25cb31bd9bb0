"""Which checks are due: claimed in the database, so that no queue has to be trusted.

A check is claimed by one worker, and not again before it has ended or has had more
than enough time. Due times are spread by the key, so that a thousand checks of the
same interval do not come in the same second.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from catalog.http.addresses import FetchError, host_and_port
from catalog.probes import clock
from catalog.probes.ask import Target
from catalog.probes.look import longest
from catalog.probes.models import Check
from catalog.probes.settings import REFERENCE
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import reveal

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
_CLAIM = "UPDATE probes_check SET busy_until = %s, due = %s WHERE id = %s"


def due(queues: Iterable[str], until: int) -> QuerySet[Check]:
    """The checks that this worker has to make until a moment, the oldest first."""
    named = Q(probe__queue__in=[queue for queue in queues if queue])
    usual = Q(probe__queue="") if "" in queues else Q()
    rows = Check.objects.filter(named | usual if "" in queues else named)
    rows = rows.filter(due__lte=until, busy_until__lt=clock.now())
    return rows.filter(probe__paused_at=None, probe__fault="").order_by("due")


def claim(queues: Iterable[str], ahead: int, limit: int = BATCH) -> list[Target]:
    """Take what is due within `ahead` milliseconds, as targets for the loop."""
    now = clock.now()
    with transaction.atomic():
        rows = due(queues, now + ahead)
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = list(rows.values_list(*_FIELDS, named=True)[:limit])
        if found:
            with connection.cursor() as cursor:
                cursor.executemany(_CLAIM, [_claimed(row, now) for row in found])
    return [target_of(row) for row in found]


def _claimed(row: Any, now: int) -> tuple[int, int, int]:
    start = max(now, row.due)
    busy_until = start + int(longest(row.timeout) * 1000) + 2000
    return busy_until, next_due(row.pk, row.interval, now), row.pk


def next_due(check: int, interval: int, now: int) -> int:
    """The next moment of a check after now, in a rhythm of its own: what was missed is
    not made up for, and what was asked out of turn does not shift it."""
    step = interval * 1000
    offset = zlib.crc32(str(check).encode()) % step
    return now + step - (now - offset) % step


def soon(key: str, now: int) -> int:
    """A moment in the next seconds, not the same for all that are new at once."""
    return now + zlib.crc32(key.encode()) % _SPREAD


def target_of(row: Any) -> Target:
    """A claimed row as the loop needs it, with the key it is asked with."""
    options = json.loads(row.probe__settings)
    key, fault = key_of(options.get("key", ""), row.probe__url)
    return Target(
        check=row.pk,
        probe=row.probe_id,
        identity=row.probe__identity_id,
        ref=row.probe__identity__ref,
        prober=row.probe__prober,
        url=row.probe__url,
        level=row.level,
        interval=row.interval,
        timeout=row.timeout,
        due=row.due,
        options=options,
        expects=tuple(map(tuple, json.loads(row.probe__expected))),
        memory=json.loads(row.memory),
        key=key,
        key_fault=fault,
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
    rows = checks.order_by("probe_id", "pk").values_list(*_FIELDS, named=True)
    return [target_of(row) for row in rows]
