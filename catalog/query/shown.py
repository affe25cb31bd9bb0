"""What a table of entities can show: one list for the page, its menu, files and views.

A field that a room registers is a column too. The name always stands first, and is not
in the list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.query import columns, versions
from catalog.query.columns import SORTS, Columns
from catalog.query.fields import FIELDS

PARAM = "columns"
# What the address says where nothing stands beside the name.
NAME = "name"
_BESIDES = {"latency": "Latency", "version": "Version", "changed": "Changed"}
_TITLES = {"tag": "Tags", "status": "Status, 24 h"}
_ORDER = (
    "status", "drift", "kind", "type", "owner", "lifecycle", "system", "tier",
    "data-class", "exposure", "cost-centre", "tag", "latency", "version", "source",
    "changed",
)  # fmt: skip
USUAL = ("status", "owner", "lifecycle", "tier", "latency", "changed")
USUAL_IN_FILES = (
    "type", "owner", "lifecycle", "system", "tier", "data-class", "exposure",
    "cost-centre",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One column: its key in an address, its title, and what it is sorted by."""

    key: str
    title: str
    sort: str = ""

    @property
    def in_file(self) -> str:
        """What a file calls it."""
        return self.key.replace("-", "_")


def every() -> dict[str, Shown]:
    """All columns by key, in the order that they are shown in."""
    titles = {key: field.title for key, field in FIELDS.items()} | _BESIDES | _TITLES
    order = [*_ORDER, *(key for key in titles if key not in _ORDER)]
    return {
        key: Shown(key, titles[key], key if key in SORTS else "")
        for key in order
        if key in titles
    }


def chosen(given: Sequence[str]) -> tuple[str, ...] | None:
    """The columns that an address asks for; None where it asks for none that is known.

    Each text may name several, with commas.
    """
    asked = {key.strip() for text in given for key in text.split(",")}
    known = tuple(key for key in every() if key in asked)
    return known if known or NAME in asked else None


def written(keys: Sequence[str]) -> str:
    """A choice as an address has it."""
    return ",".join(keys) or NAME


def said(table: Columns, seen: int) -> frozenset[str]:
    """The columns in which any of these entities has something to show."""
    found = {
        key
        for key in FIELDS
        if any(value and bits & seen for value, bits in table.bits[key].items())
    }
    if "status" in found:
        found.add("latency")
    if table.set_of(versions.known()) & seen:
        found.add("version")
    if seen:
        found.add("changed")
    return frozenset(found)


def cells(
    table: Columns, found: int, keys: Sequence[str]
) -> dict[str, Mapping[int, list[str]]]:
    """The values of these columns by entity key, out of memory. What moves with time or
    with probes (`changed`, `latency`) is not in it."""
    made: dict[str, Mapping[int, list[str]]] = {}
    for key in keys:
        if key in FIELDS:
            made[key] = columns.values_at(table, key, found)
        elif key == "version":
            made[key] = _versions(table, found)
    return made


def _versions(table: Columns, found: int) -> dict[int, list[str]]:
    position = table.position
    return {
        key: [part for part in version if part]
        for key, version in versions.known().items()
        if key in position and found >> position[key] & 1
    }
