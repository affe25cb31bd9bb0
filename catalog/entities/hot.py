"""What is asked many times a second, in plain SQL: through the ORM it costs tenfold.

Nothing here looks at who asks; the callers do, and each of them is tested against the
long way through `visible_to`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from catalog.entities import sql
from catalog.entities.viewer import Viewer

_STATE = "SELECT generation FROM entities_catalogstate WHERE id = 1"
_ADVANCE = "UPDATE entities_catalogstate SET generation = generation + 1 WHERE id = 1"
_REMEMBER = (
    "INSERT INTO entities_advance (generation, mark, touched) VALUES (%s, %s, %s)"
)
# What is derived from a document, and the column that names its entity.
_DERIVED = {
    "entities_attribute": "entity_id",
    "entities_audience": "entity_id",
    "entities_relation": "declared_by_id",
}
_ADVANCES = (
    "SELECT generation, mark, touched FROM entities_advance WHERE generation >= %s "
    "ORDER BY generation"
)
# Without a condition on the key, for which SQLite would read all of that key.
_ATTRIBUTES = "SELECT entity_id, key, value FROM entities_attribute WHERE entity_id IN"
_PRINCIPALS = "SELECT entity_id, principal FROM entities_audience WHERE entity_id IN"
_LINES = (
    "SELECT e.identity_id, e.ref, e.kind, e.name, e.title, e.description, e.type, "
    "e.owner, e.system, s.example FROM entities_entity e JOIN sources_source s "
    "ON s.id = e.source_id WHERE e.identity_id IN"
)
_DOCUMENT = (
    "SELECT final, etag, audience, source_id FROM entities_entity WHERE ref = %s"
)
_DOCUMENTS = "SELECT identity_id, final, etag FROM entities_entity WHERE identity_id IN"
_UIDS = "SELECT id, uid FROM entities_identity"
_ETAGS = "SELECT identity_id, etag FROM entities_entity"
_ABOVE = (
    "SELECT target_ref FROM entities_relation WHERE type IN ('memberOf', 'childOf') "
    "AND source_ref IN"
)
_BELOW = (
    "SELECT source_ref FROM entities_relation WHERE type = 'childOf' AND target_ref IN"
)
# SQLite takes 32,766 values in a statement, PostgreSQL twice as many.
_ENDS = 10_000
_CEILINGS = "SELECT source_id, principal FROM entities_ceiling"
_FROM = "SELECT source_ref, type, target_ref, declared_by_id FROM entities_relation"


class Document(NamedTuple):
    """An entity as it is served, and by what it is decided who may see it."""

    final: str
    etag: str
    audience: str
    source: int

    def is_open_to(self, viewer: Viewer) -> bool:
        """Is it surely for this viewer? Who is named one by one is not looked up."""
        return viewer.surely_sees(self.audience, self.source)


class Step(NamedTuple):
    """A row of Advance."""

    generation: int
    mark: int
    touched: str


class Line(NamedTuple):
    """An entity as a list shows it."""

    key: int
    ref: str
    kind: str
    name: str
    title: str
    description: str
    type: str
    owner: str
    system: str
    example: bool

    @property
    def label(self) -> str:
        """The title, or the name where there is none."""
        return self.title or self.name


def generation() -> int:
    """The generation number of the catalog; 0 before the first change."""
    found = sql.row(_STATE)
    return found[0] if found else 0


def lock() -> bool:
    """Hold the row of the generation until the transaction ends, where the database
    lets others write meanwhile. False where there is none yet."""
    waits = " FOR UPDATE" if connection.features.has_select_for_update else ""
    return sql.row(f"{_STATE}{waits}") is not None


def advance() -> int:
    """Raise the generation; its number then, 0 where there is no row yet."""
    return generation() if sql.run(_ADVANCE) else 0


def remember(number: int, mark: int, touched: str) -> None:
    """Write down a step of the generation."""
    sql.run(_REMEMBER, [number, mark, touched])


def forget(keys: Sequence[int]) -> None:
    """Remove the rows that were derived from the documents of some entities."""
    for table, column in _DERIVED.items():
        sql.run(f"DELETE FROM {table} WHERE {column} IN {_marks(keys)}", [*keys])


def steps(since: int) -> list[Step]:
    """The steps of the generation from this number on, in order, as far as they are
    remembered."""
    return [Step(*row) for row in sql.rows(_ADVANCES, [since])]


def document(ref: str) -> Document | None:
    """The entity of a reference in lower case."""
    found = sql.row(_DOCUMENT, [ref])
    return Document(*found) if found else None


def documents(keys: Sequence[int]) -> dict[int, tuple[str, str]]:
    """(what is served, ETag) of the entities of some keys."""
    return {key: (final, etag) for key, final, etag in _of(keys, _DOCUMENTS)}


def etags() -> dict[int, str]:
    """The ETag of every entity."""
    return dict(sql.rows(_ETAGS))


def uids() -> dict[int, str]:
    """The unique id of every entity, and of those that have gone."""
    # SQLite keeps them as letters without dashes.
    return {key: str(UUID(str(uid))) for key, uid in sql.rows(_UIDS)}


def edges(ends: Sequence[str]) -> list[tuple[str, str, str, int]]:
    """(source, type, target, key of who declares it) of all edges at some ends; those
    between two of them come twice."""
    found = []
    for start in range(0, len(ends), _ENDS):
        part = ends[start : start + _ENDS]
        marks = _marks(part)
        text = (
            f"{_FROM} WHERE source_ref IN {marks} "
            f"UNION ALL {_FROM} WHERE target_ref IN {marks}"
        )
        found += sql.rows(text, [*part, *part])
    return found


def above(refs: Collection[str]) -> set[str]:
    """The groups that some users and groups are in, one step up."""
    return {ref for (ref,) in sql.rows(f"{_ABOVE} {_marks(refs)}", [*refs])}


def below(refs: Collection[str]) -> set[str]:
    """The groups inside some groups, one step down."""
    return {ref for (ref,) in sql.rows(f"{_BELOW} {_marks(refs)}", [*refs])}


def ceilings() -> list[tuple[int, str]]:
    """(source key, user or group) of each source that is not for everybody."""
    return sql.rows(_CEILINGS)


def _marks(values: Collection[object]) -> str:
    return f"({', '.join(['%s'] * len(values))})"


def _listed(keys: Collection[int]) -> str:
    # Numbers of ours, written out: PostgreSQL and SQLite alike take many.
    return ", ".join(str(int(key)) for key in keys)


def lines(keys: Sequence[int]) -> list[Line]:
    """The entities of some keys, in that order; those that have gone are left out."""
    found = {row[0]: Line(*row) for row in _of(keys, _LINES)}
    return [found[key] for key in keys if key in found]


def attributes(keys: Collection[int]) -> list[tuple[int, str, str]]:
    """(entity key, key, value) of all attributes of some entities."""
    return _of(keys, _ATTRIBUTES)


def principals(keys: Collection[int]) -> list[tuple[int, str]]:
    """(entity key, user or group that is named) of some entities."""
    return _of(keys, _PRINCIPALS)


def _of(keys: Collection[int], text: str) -> list[Any]:
    if not keys:
        return []
    return sql.rows(f"{text} ({_listed(keys)})")
