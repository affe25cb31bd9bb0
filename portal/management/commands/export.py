"""`manage.py export -o DIR`: every entity as YAML, for Backstage, or model catalogs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query.language.wrong import Wrong
from catalog.sources.model_catalog import exporting
from catalog.sources.providers.folder import EXPORT_MARK
from portal.projections.profile import PROFILES
from portal.projections.projection import PROJECTIONS, Asked

SIGHTS = {
    "all": EVERYTHING,
    "signed-in": Viewer(signed_in=True),
    "public": Viewer(),
}
MOST_TOLD = 20

MODEL_CATALOG = "model-catalog"
FORMATS = ("yaml", MODEL_CATALOG)


class Command(BaseCommand):
    """Without a profile one file per entity: DIR/<namespace>/<kind>/<name>.yaml; model
    catalogs, one per server: DIR/<namespace>/model-catalog/<name>.json."""

    help = (
        "Write every entity as YAML, one file each. Importing the folder again "
        "changes nothing. With --profile, write what Backstage reads; with --format "
        "model-catalog, one file for each model server."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, in which form, and for whom."""
        parser.add_argument(
            "-o", "--output", required=True, metavar="DIR", help="folder to write to"
        )
        parser.add_argument(
            "--profile",
            choices=sorted(PROFILES),
            help="write for a Backstage of this form, with a Location as its root",
        )
        parser.add_argument(
            "--sight",
            choices=list(SIGHTS),
            default="all",
            help="with --profile: only what is public, or what everyone who is signed "
            "in may see (default: %(default)s)",
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
        try:
            told = self._written(folder, options)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise CommandError(
                f"{error.filename or folder} cannot be written: {reason}. "
                "Choose a folder that you may write to."
            ) from error
        self.stdout.write(f"{told} written to {folder}")

    def _written(self, folder: Path, options: dict[str, Any]) -> str:
        is_json, profile = options["format"] == MODEL_CATALOG, options["profile"] or ""
        if is_json and profile:
            raise CommandError("Choose --profile or --format model-catalog, not both.")
        if options["query"] and not is_json:
            raise CommandError("--query chooses what goes into model catalogs only.")
        if is_json:
            return f"{self._write_catalogs(folder, options['query'])} model catalogs"
        self._check(folder)
        if profile:
            return self._project(folder, profile, SIGHTS[options["sight"]])
        return f"{self._write(folder, as_written())} entities"

    def _project(self, folder: Path, profile: str, viewer: Viewer) -> str:
        home = settings.GREENROOM_URL.rstrip("/")
        asked = Asked(viewer, profile, f"{home}/" if home else "")
        projection = PROJECTIONS["backstage"](asked)
        files = projection.folder()
        left = [one for one in projection.left_out() if one.is_whole]
        for one in left[:MOST_TOLD]:
            self.stderr.write(f"{one.ref} is left out: {one.reason}")
        if len(left) > MOST_TOLD:
            self.stderr.write(f"{len(left) - MOST_TOLD:,} more are left out.")
        number = self._write(folder, iter(files.items()))
        return f"{number} files for the profile {profile}"

    def _write(self, folder: Path, files: Iterator[tuple[str, str]]) -> int:
        written: set[Path] = set()
        for name, text in files:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            written.add(path)
        self._tidy(folder, written)
        return len(written)

    def _write_catalogs(self, folder: Path, query: str) -> int:
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
        return len(written)

    def _tidy(self, folder: Path, written: set[Path]) -> None:
        """Remove what a former export wrote and this one did not."""
        old = {
            *folder.rglob("*.yaml"),
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


def as_written() -> Iterator[tuple[str, str]]:
    """(file, text) of every entity as its author wrote it."""
    rows = Entity.objects.order_by("ref")
    for ref, text in rows.values_list("ref", "text").iterator():
        kind, _, rest = ref.partition(":")
        namespace, _, name = rest.partition("/")
        whole = text if text.endswith("\n") else f"{text}\n"
        yield f"{namespace}/{kind}/{name}.yaml", whole
