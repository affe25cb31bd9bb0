"""`manage.py apply -f FILE`: take documents, here or by the API of a portal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.management import catalogs
from portal.management.documents import add_files, read_files


class Command(BaseCommand):
    """Take the good documents, and explain the bad ones."""

    help = (
        "Take documents as if pasted: good ones are taken, bad ones told with line and "
        "column. The same twice changes nothing. Exits 1 when one was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to take, where."""
        add_files(parser)
        parser.add_argument(
            "--dry-run", action="store_true", help="only say what would happen"
        )
        parser.add_argument("--reason", default="", help="why; the history keeps it")
        catalogs.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply each file."""
        catalog, refused = catalogs.chosen(options), 0
        dry_run = options["dry_run"]
        for name, text in read_files(options["file"]):
            done = catalog.apply(text, options["reason"], dry_run=dry_run)
            for one in done["problems"]:
                place = ":".join(
                    str(p) for p in (name, one["line"], one["column"]) if p
                )
                self.stderr.write(f"{place}: {one['severity']}: {one['message']}")
                if one["remedy"]:
                    self.stderr.write(f"  {one['remedy']}")
            counts = ("added", "changed", "unchanged", "refused")
            said = ", ".join(f"{done[key]} {key}" for key in counts if done[key])
            self.stdout.write(f"{name}: {said or 'nothing'}{' (dry run)' * dry_run}")
            refused += done["refused"]
        if refused:
            raise SystemExit(1)
