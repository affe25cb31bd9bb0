"""Plain statements: the same rows on both databases, prepared on PostgreSQL."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection
from django.db.utils import OperationalError
from django.test.utils import CaptureQueriesContext

from catalog.entities import hot, sql
from tests.catalog.documents import declare, document

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
SQL = "SELECT %s || '%%', 7"


def test_rows_are_tuples_with_the_values_in_their_place():
    assert [tuple(row) for row in sql.rows(SQL, ["50"])] == [("50%", 7)]
    assert tuple(sql.row("SELECT 1, 'a%'") or ()) == (1, "a%")
    assert sql.row("SELECT 1 WHERE 1 = %s", [2]) is None


def test_what_fails_is_an_error_of_django():
    with pytest.raises((ProgrammingError, OperationalError)):
        sql.rows("SELECT * FROM no_such_table")


def test_who_counts_statements_sees_them():
    with CaptureQueriesContext(
        connection,
    ) as seen:
        sql.rows("SELECT 1")
    assert len(seen) == 1


def test_a_statement_asked_often_is_planned_once():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's driver keeps statements by itself")
    text = "SELECT 4711 WHERE 1 = %s"
    for _ in range(8):
        sql.rows(text, [1])
    kept = sql.rows(
        "SELECT statement FROM pg_prepared_statements WHERE statement LIKE %s",
        ["SELECT 4711%"],
    )
    assert len(kept) == 1


def test_more_ends_than_a_statement_takes_are_asked_for_in_parts():
    declare(document(name="web", spec={"dependsOn": ["component:far"]}))
    ends = [
        "component:default/web",
        *(f"component:default/x{n}" for n in range(40_000)),
    ]
    found = [one[:3] for one in hot.edges([*ends, "component:default/far"])]
    edge = ("component:default/web", "dependsOn", "component:default/far")
    assert found.count(edge) == 2
