"""`manage.py export -o DIR`: write every entity as the YAML that its author wrote.

With `--format model-catalog` the model servers and models as that JSON instead.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING
from catalog.query.language.wrong import Wrong
from catalog.sources.model_catalog import exporting
from catalog.sources.providers.folder import EXPORT_MARK

MODEL_CATALOG = "model-catalog"
FORMATS = ("yaml", MODEL_CATALOG)


class Command(BaseCommand):
    """One file per entity: DIR/<namespace>/<kind>/<name>.yaml; or one per model server:
    DIR/<namespace>/model-catalog/<name>.json."""

    help = (
        "Write every entity as YAML, one file each. Importing the folder again "
        "changes nothing. Or write model catalogs, one file for each model server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument(
            "-o", "--output", required=True, metavar="DIR", help="folder to write to"
        )
        parser.add_argument("--format", choices=FORMATS, default=FORMATS[0])
        parser.add_argument(
            "-q",
            "--query",
            default="",
            metavar="QUERY",
            help="which entities go into model catalogs; empty for all",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all files, and remove those that a former export left behind."""
        folder = Path(options["output"]).expanduser()
        is_json = options["format"] == MODEL_CATALOG
        try:
            if is_json:
                written = self._write_catalogs(folder, options["query"])
            else:
                written = self._write(folder)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CommandError(
                f"{error.filename or folder} cannot be written: {reason}. "
                "Choose a folder that you may write to."
            ) from error
        what = "model catalogs" if is_json else "entities"
        self.stdout.write(f"{len(written)} {what} written to {folder}")

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
        self._tidy(folder, written)
        return written

    def _write_catalogs(self, folder: Path, query: str) -> set[Path]:
        """One file for each server, and one for models without; says what is left."""
        try:
            export = exporting.export(query, EVERYTHING)
        except Wrong as wrong:
            raise CommandError(f"\n{wrong}", returncode=2) from wrong
        self._check(folder)
        written: set[Path] = set()
        for ref, document in export.documents:
            namespace, _, name = ref.partition(":")[2].partition("/")
            inside = folder / namespace / MODEL_CATALOG / f"{name}.json"
            path = inside if ref else folder / "models.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = json.dumps(document, indent=2, ensure_ascii=False)
            path.write_text(f"{text}\n", "utf-8")
            written.add(path)
        for one in export.left_out:
            self.stderr.write(f"{one.ref}: left out. {one.reason}")
        self._tidy(folder, written)
        return written

    def _tidy(self, folder: Path, written: set[Path]) -> None:
        """Remove what a former export wrote and this one did not."""
        old = {
            *folder.glob("*/*/*.yaml"),
            *folder.glob(f"*/{MODEL_CATALOG}/*.json"),
            *folder.glob("models.json"),
        }
        for path in old - written:
            path.unlink()

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
