"""Revisions know who could read them, so that no YAML is read to tell."""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

from catalog.entities import sight
from catalog.entities.viewer import VISIBILITY


def note_readers(apps: Any, schema_editor: Any) -> None:
    """Read the texts that may declare a visibility, once."""
    revisions = apps.get_model("entities", "Revision").objects
    doubtful = Q(text__contains=VISIBILITY) | Q(text__contains="\\") | ~Q(widest="")
    rows = revisions.filter(doubtful).values_list("pk", "text", "widest")
    for pk, text, widest in rows.iterator():
        if value := sight.readers(text, widest):
            revisions.filter(pk=pk).update(readers=value)


class Migration(migrations.Migration):
    dependencies = [("entities", "0003_overlays")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="readers",
            field=models.CharField(
                blank=True,
                help_text="Who could read it then, as its text and its source said.",
                max_length=1001,
            ),
        ),
        migrations.RunPython(note_readers, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="revision",
            index=models.Index(
                fields=["identity", "readers", "id"], name="revision_readers"
            ),
        ),
    ]
