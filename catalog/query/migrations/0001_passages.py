"""The full-text index, in the words of the database at hand."""

from __future__ import annotations

from django.db import migrations

from catalog.query import fulltext


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(fulltext.POSTGRES_SCHEMA)
    else:
        schema_editor.execute(fulltext.SQLITE_SCHEMA)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE query_passage")


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(create, drop)]
