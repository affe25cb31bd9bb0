"""PostgreSQL's words are merged into their index soon, not only after megabytes.

Until then each question read all of what was pending, or the whole table instead.
"""

from __future__ import annotations

from django.db import migrations


def shorten(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(
        "ALTER INDEX query_passage_words SET (gin_pending_list_limit = 64)"
    )
    schema_editor.execute(
        "SELECT gin_clean_pending_list('query_passage_words'::regclass)"
    )


class Migration(migrations.Migration):
    dependencies = [("query", "0002_one_letter")]
    operations = [migrations.RunPython(shorten, migrations.RunPython.noop)]
