"""The fields that entities are filtered, counted and sorted by.

A room above registers its own with `register`; the order here is the order on the page.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One facet: `key` in the URL, `column` of Entity, or `attribute` key.

    `is_ref` values are entity references, shown by their titles.
    """

    key: str
    title: str
    column: str = ""
    attribute: str = ""
    is_ref: bool = False
    empty: str = ""


FIELDS: dict[str, Field] = {}


def register(field: Field) -> None:
    """Add a facet. Raises ValueError when its key is taken."""
    if field.key in FIELDS:
        raise ValueError(f"There is a field {field.key!r} already.")
    FIELDS[field.key] = field


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
