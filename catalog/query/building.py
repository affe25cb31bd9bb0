"""From the rows of the catalog to the columns: all of it, and what one row says.

What is read here is read by `patching` too, for a few entities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from catalog.entities import ceilings, findings
from catalog.entities.models import Attribute, Audience, Entity
from catalog.query.fields import FIELDS, Field
from catalog.query.table import STORED_SORTS, Columns, as_bits

V = TypeVar("V")
# Of one entity: what stands in _OWN, and then the value of each field of a column.
Row = tuple[Any, ...]
_OWN = (
    "pk",
    "ref",
    "title",
    "name",
    "audience",
    "orphan_since",
    "changed_at",
    "source_id",
)
KEY, REF, _TITLE, _NAME, AUDIENCE, ORPHAN, CHANGED, SOURCE = range(len(_OWN))
SortKey = tuple[bool, str]


def build() -> Columns:
    """The columns of the whole catalog, as it is now."""
    rows = sorted(rows_of(), key=order)
    columns = Columns(
        keys=[row[KEY] for row in rows],
        refs=[row[REF] for row in rows],
        by_ref={row[REF]: at for at, row in enumerate(rows)},
        titles={row[REF]: label(row) for row in rows},
        position={row[KEY]: at for at, row in enumerate(rows)},
    )
    size = len(rows)
    for named in FIELDS.values():
        if named.column:
            pairs = _said(rows, named)
        elif named.attribute:
            found = Attribute.objects.filter(key=named.attribute)
            pairs = _placed(columns, found.values_list("entity_id", "value"))
        else:
            continue
        columns.bits[named.key] = column_of(pairs, size)
    columns.audiences = column_of(_each(rows, AUDIENCE), size)
    columns.principals = _principals(columns)
    columns.sources = column_of(_each(rows, SOURCE), size)
    columns.closed = closed(columns.sources)
    columns.orphans = as_bits((at for at, row in enumerate(rows) if row[ORPHAN]), size)
    _add_ranks(columns, rows)
    return columns


def rows_of(keys: Collection[int] | None = None) -> list[Row]:
    """The rows of some entities, or of all, in no order."""
    rows = Entity.objects.all() if keys is None else Entity.objects.filter(pk__in=keys)
    names = (named.column for named in FIELDS.values() if named.column)
    return list(rows.values_list(*_OWN, *names))


def label(row: Row) -> str:
    """The title of an entity, or its name."""
    text: str = row[_TITLE] or row[_NAME]
    return text


def order(row: Row) -> tuple[str, str]:
    """Entities stand in the order of this."""
    return label(row).casefold(), row[REF]


def values_of(row: Row) -> Iterator[tuple[Field, str]]:
    """The value of each field that is a column, also where it is not to be counted."""
    named = (one for one in FIELDS.values() if one.column)
    return zip(named, row[len(_OWN) :], strict=True)


def kind_of(row: Row) -> str:
    """The kind of an entity."""
    kind: str = row[_offset("kind")]
    return kind


def is_spared(named: Field, value: str, kind: str) -> bool:
    """Nobody has to decide an owner or a tier for what needs no owner."""
    return not value and bool(named.empty) and kind in findings.NEED_NO_OWNER


def closed(sources: dict[int, int]) -> list[tuple[frozenset[str], int]]:
    """For whom a source is, and the positions in it, where it is not for everybody."""
    known = sorted(ceilings.allowed().items(), key=lambda item: item[0])
    return [(who, sources[pk]) for pk, who in known if pk in sources]


def column_of(pairs: Iterable[tuple[int, V]], size: int) -> dict[V, int]:
    """The positions of every value."""
    positions: dict[V, list[int]] = defaultdict(list)
    for at, value in pairs:
        positions[value].append(at)
    return {value: as_bits(found, size) for value, found in positions.items()}


def sort_key(value: str) -> SortKey:
    """A reference counts by its name: the title of a hidden one must not show in the
    order. What is empty goes last."""
    return (not value, value.rpartition("/")[2].casefold())


def sort_keys(column: Iterable[str]) -> list[SortKey]:
    """What the values of a column are sorted by, in order; without that of none."""
    return sorted({sort_key(value) for value in column if value})


def _each(rows: Sequence[Row], offset: int) -> Iterator[tuple[int, Any]]:
    return enumerate(row[offset] for row in rows)


def _offset(key: str) -> int:
    """Where a field stands in a row."""
    named = [one.key for one in FIELDS.values() if one.column]
    return len(_OWN) + named.index(key)


def _said(rows: Sequence[Row], named: Field) -> Iterator[tuple[int, str]]:
    offset, kind = _offset(named.key), _offset("kind")
    for at, row in enumerate(rows):
        value = row[offset]
        if value or not is_spared(named, value, row[kind]):
            yield at, value


def _placed(
    columns: Columns, pairs: Iterable[tuple[int, V]]
) -> Iterator[tuple[int, V]]:
    """Positions for keys. What came between two readings has none yet."""
    position = columns.position
    return ((position[key], value) for key, value in pairs if key in position)


def _principals(columns: Columns) -> dict[str, int]:
    restricted = columns.audiences.get(Entity.RESTRICTED, 0)
    named_by = Audience.objects.values_list("entity_id", "principal")
    found = column_of(_placed(columns, named_by), len(columns.keys))
    return {who: bits & restricted for who, bits in found.items() if bits & restricted}


def _add_ranks(columns: Columns, rows: Sequence[Row]) -> None:
    """For each way to sort, the rank of every position."""
    for name in STORED_SORTS:
        offset = _offset(name)
        keys = [sort_key(row[offset]) for row in rows]
        known = sort_keys(columns.bits[name])
        ranks = {key: at for at, key in enumerate(known)}
        columns.ranks[name] = [ranks.get(key, len(known)) for key in keys]
    columns.moments = sorted({row[CHANGED] for row in rows})
    when = {moment: at for at, moment in enumerate(columns.moments)}
    columns.ranks["changed"] = [when[row[CHANGED]] for row in rows]
