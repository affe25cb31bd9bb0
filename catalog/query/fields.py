"""The fields that entities are filtered, counted and sorted by.

A room above registers its own with `register`; the order here is the order on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Live:
    """Values that move without the catalog: of entity keys, as long as `version` says
    the same."""

    version: Callable[[], Hashable]
    values: Callable[[], Mapping[int, Sequence[str]]]


@dataclass(frozen=True)
class Field:
    """One facet: `key` in the URL, `column` of Entity, `attribute` key, or `live`.

    `is_ref` values are entity references, shown by their titles; `labels` say what
    others are called, in the order that they are sorted by. `unknown` are the values
    that say that nobody knows; with any, who has no value is not known either.
    """

    key: str
    title: str
    column: str = ""
    attribute: str = ""
    is_ref: bool = False
    empty: str = ""
    live: Live | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()


FIELDS: dict[str, Field] = {}


def register(new: Field, *, after: str = "") -> None:
    """Add a facet, last or after another. Raises ValueError when its key is taken."""
    if new.key in FIELDS:
        raise ValueError(f"There is a field {new.key!r} already.")
    known = list(FIELDS.items())
    place = list(FIELDS).index(after) + 1 if after else len(known)
    FIELDS.clear()
    FIELDS.update([*known[:place], (new.key, new), *known[place:]])


for _field in (
    Field("kind", "Kind", column="kind"),
    Field("type", "Type", column="type"),
    Field("owner", "Owner", column="owner", is_ref=True, empty="No owner"),
    Field("lifecycle", "Lifecycle", column="lifecycle"),
    Field("tier", "Tier", column="tier", empty="Not decided"),
    Field("data-class", "Data class", column="data_class", empty="Not decided"),
    Field("exposure", "Exposure", column="exposure", empty="Not decided"),
    Field("cost-centre", "Cost centre", column="cost_centre"),
    Field("system", "System", column="system", is_ref=True),
    Field("tag", "Tag", attribute="tag"),
    Field("source", "Source", column="source__name"),
):
    register(_field)
