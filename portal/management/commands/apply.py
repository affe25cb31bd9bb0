"""`manage.py apply -f FILE`: take documents, here or by the API of a portal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.sources import sets
from catalog.sources.provider import SourceError
from catalog.sources.sets import Wanted
from portal.management import catalogs
from portal.management.documents import Joined, add_files, read_files

_COUNTS = ("added", "changed", "unchanged", "removed", "refused")


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
        parser.add_argument(
            "--set",
            default="",
            metavar="NAME",
            help="all files together are the set of this name",
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help="take away what the set held before and does not hold any more",
        )
        parser.add_argument(
            "--prune-confirm",
            type=int,
            metavar="NUMBER",
            help="so many may go, where that is a large part of the set",
        )
        catalogs.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Apply each file, or all of them as one set."""
        wanted = Wanted(options["set"], options["prune"], options["prune_confirm"])
        try:
            sets.check(wanted)
        except SourceError as error:
            raise CommandError(str(error), returncode=2) from error
        catalog, files = catalogs.chosen(options), read_files(options["file"])
        wholes = [Joined.of(files)] if wanted.name else [Joined.of([f]) for f in files]
        refused = sum(self._apply(catalog, one, wanted, options) for one in wholes)
        if refused:
            raise SystemExit(1)

    def _apply(
        self,
        catalog: catalogs.Catalog,
        whole: Joined,
        wanted: Wanted,
        options: dict[str, Any],
    ) -> int:
        """Apply one text, and say what that did. Returns how many were refused."""
        dry_run = options["dry_run"]
        done = catalog.apply(whole.text, options["reason"], wanted, dry_run=dry_run)
        for one in done["problems"]:
            place = whole.place(one["line"], one["column"])
            self.stderr.write(f"{place}: {one['severity']}: {one['message']}")
            if one["remedy"]:
                self.stderr.write(f"  {one['remedy']}")
        if done["note"]:
            self.stderr.write(done["note"])
        said = ", ".join(f"{done[key]} {key}" for key in _COUNTS if done[key])
        named = f"set {wanted.name}" if wanted.name else whole.names[0]
        self.stdout.write(f"{named}: {said or 'nothing'}{' (dry run)' * dry_run}")
        for ref in done["removed_refs"]:
            self.stdout.write(f"  removed: {ref}")
        if dry_run and done["confirm"]:
            self.stdout.write(f"  To do that, add --prune-confirm {done['confirm']}.")
        return int(done["refused"])
