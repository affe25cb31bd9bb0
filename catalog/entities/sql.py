"""Rows of a statement of plain SQL, which PostgreSQL plans once and not each time.

For statements whose text is always the same. Django's cursor writes the values into
the text, so that PostgreSQL plans every one anew: that cost more than to answer it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection


def rows(text: str, values: Sequence[Any] = ()) -> list[Any]:
    """All rows, as tuples; `%s` stands for a value. Raises Django's database errors."""
    with _asked(text, values) as cursor:
        found: list[Any] = cursor.fetchall()
    return found


def row(text: str, values: Sequence[Any] = ()) -> Any | None:
    """The first row, None where there is none."""
    found = rows(text, values)
    return found[0] if found else None


def run(text: str, values: Sequence[Any] = ()) -> int:
    """Do what gives no rows; how many it touched."""
    with _asked(text, values) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _asked(text: str, values: Sequence[Any]) -> Iterator[Any]:
    """A cursor that has asked it: the driver's own on PostgreSQL, which prepares."""
    database: Any = connection
    if database.vendor != "postgresql" or _is_watched():
        with database.cursor() as cursor:
            cursor.execute(text, values or None)
            yield cursor
        return
    database.close_if_health_check_failed()
    database.ensure_connection()
    made = database.Database.Cursor(database.connection)
    with database.wrap_database_errors, made as cursor:
        cursor.execute(text, values or None)
        yield cursor


def _is_watched() -> bool:
    """Does something count or forbid statements? It knows Django's cursor only."""
    return connection.queries_logged or bool(connection.execute_wrappers)
