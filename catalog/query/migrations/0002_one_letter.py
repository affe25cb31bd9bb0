"""FTS5 keeps words by their first letter too: typing begins with one."""

from __future__ import annotations

from django.db import migrations

from catalog.query import fulltext


def remake(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        return
    schema_editor.execute("ALTER TABLE query_passage RENAME TO query_passage_before")
    schema_editor.execute(fulltext.SQLITE_SCHEMA)
    schema_editor.execute(
        "INSERT INTO query_passage (rowid, head, body) "
        "SELECT rowid, head, body FROM query_passage_before"
    )
    schema_editor.execute("DROP TABLE query_passage_before")
    schema_editor.execute(
        "INSERT INTO query_passage (query_passage) VALUES ('optimize')"
    )


class Migration(migrations.Migration):
    dependencies = [("query", "0001_passages")]
    operations = [migrations.RunPython(remake, migrations.RunPython.noop)]
