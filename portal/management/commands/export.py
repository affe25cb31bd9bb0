"""`manage.py export -o DIR`: write every entity as the YAML that its author wrote."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.entities.models import Entity
from catalog.sources.providers.folder import EXPORT_MARK


class Command(BaseCommand):
    """One file per entity: DIR/<namespace>/<kind>/<name>.yaml."""

    help = (
        "Write every entity as YAML, one file each. Importing the folder again "
        "changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument(
            "-o", "--output", required=True, metavar="DIR", help="folder to write to"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all files, and remove those that a former export left behind."""
        folder = Path(options["output"]).expanduser()
        try:
            written = self._write(folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CommandError(
                f"{error.filename or folder} cannot be written: {reason}. "
                "Choose a folder that you may write to."
            ) from error
        self.stdout.write(f"{len(written)} entities written to {folder}")

    def _write(self, folder: Path) -> set[Path]:
        self._check(folder)
        written: set[Path] = set()
        rows = Entity.objects.order_by("ref")
        for ref, text in rows.values_list("ref", "text").iterator():
            kind, _, rest = ref.partition(":")
            namespace, _, name = rest.partition("/")
            path = folder / namespace / kind / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text if text.endswith("\n") else f"{text}\n", "utf-8")
            written.add(path)
        for old in set(folder.glob("*/*/*.yaml")) - written:
            old.unlink()
        return written

    def _check(self, folder: Path) -> None:
        """Never tidy up in a folder that is not an export of ours."""
        if folder.exists() and not folder.is_dir():
            raise CommandError(f"{folder} is a file. Choose a folder.")
        mark = folder / EXPORT_MARK
        if folder.is_dir() and any(folder.iterdir()) and not mark.exists():
            raise CommandError(
                f"{folder} holds other files. Choose an empty folder or a new one."
            )
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text("Written by greenroom export; safe to overwrite.\n", "utf-8")
