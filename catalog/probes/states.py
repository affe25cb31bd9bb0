"""The state of every entity now, for the index and whoever asks for many at once."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

from catalog.probes import clock, words
from catalog.probes.models import Progress, Status
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


def state_of(status: Status, now: int) -> str:
    """What is known of an entity at a moment: nothing, once its answers are too old."""
    if status.state == words.MAINTENANCE or now <= status.fresh_until:
        return status.state
    return words.UNKNOWN


def version() -> Hashable:
    """Changes when a state does, and every few seconds."""
    rows = Progress.objects.values_list("state_version", flat=True)
    return rows.filter(pk=1).first(), clock.now() // _STEP


def all_states() -> Mapping[int, Sequence[str]]:
    """The state of every probed entity, by its key."""
    now = clock.now()
    rows = Status.objects.filter(identity__probes__isnull=False).distinct()
    return {status.identity_id: (state_of(status, now),) for status in rows}


def statuses(keys: Iterable[int]) -> dict[int, Status]:
    """What is known of these entities, stale states as unknown."""
    now = clock.now()
    found = Status.objects.in_bulk(list(keys))
    for status in found.values():
        status.state = state_of(status, now)
    return found


FIELD = Field("status", "Status", live=Live(version, all_states), labels=TITLES)
