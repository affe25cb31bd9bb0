"""What a webhook can be told: the types of events, and one event on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TEST = "webhook.test"
ORPHANED = "entity.orphaned"
STATUS, PROBE = "status.changed", "probe.changed"
OPENED, CLOSED = "finding.opened", "finding.closed"
# Those of revisions are called after their action.
TYPES = {
    "entity.added": "An entity comes into the catalog",
    "entity.changed": "An entity changes",
    "entity.removed": "An entity is removed",
    ORPHANED: "An entity vanishes from its source",
    STATUS: "The state of an entity changes",
    PROBE: "The state of one of its probes changes",
    OPENED: "A finding opens",
    CLOSED: "A finding closes",
}


def stamp(moment: datetime) -> str:
    """A moment as it is sent: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True)
class Event:
    """Something that happened, read from rows that are written already.

    `key` names it for ever. `identity` is the entity that it is about, or None;
    `revision` the row that says so, or 0. `since` is the oldest moment that it tells
    of: whoever may see the entity only since later is not told.
    """

    type: str
    key: str
    at: datetime
    since: datetime
    ref: str = ""
    identity: int | None = None
    revision: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)
