"""The state of every entity now, for the index and whoever asks for many at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from catalog.entities import sql
from catalog.probes import clock, words
from catalog.probes.models import Status
from catalog.query.fields import Field, Live

TITLES = {
    words.DOWN: "Down",
    words.DEGRADED: "Degraded",
    words.UNKNOWN: "No data",
    words.BUSY: "Busy",
    words.UP: "Healthy",
    words.MAINTENANCE: "Maintenance",
}
# Silence turns a state by itself, between two changes of the version.
_STEP = 5000
_VERSION = "SELECT state_version FROM probes_progress WHERE id = 1"


def believed(status: Status, now: int) -> Status:
    """The status as it may be shown now: silence is not what was said before it."""
    calm = (words.UNKNOWN, words.MAINTENANCE)
    if status.state in calm or status.fresh_until >= now:
        return status
    return Status(
        identity_id=status.identity_id,
        state=words.UNKNOWN,
        since=max(status.since, status.fresh_until),
        fresh_until=status.fresh_until,
        error=words.LATE,
        detail="No recent answer.",
        at=status.at,
    )


def version() -> Hashable:
    """Changes when a state does, and every few seconds."""
    return sql.row(_VERSION), clock.now() // _STEP


def all_states() -> Mapping[int, Sequence[str]]:
    """The state of every probed entity, by its key."""
    now = clock.now()
    rows = Status.objects.filter(identity__probes__isnull=False).distinct()
    return {status.identity_id: (believed(status, now).state,) for status in rows}


def statuses(keys: Iterable[int]) -> dict[int, Status]:
    """What is known of these entities, as it may be shown now."""
    now = clock.now()
    found = Status.objects.in_bulk(list(keys))
    return {key: believed(status, now) for key, status in found.items()}


FIELD = Field(
    "status",
    "Status",
    live=Live(version, all_states),
    labels=TITLES,
    unknown=(words.UNKNOWN,),
)
