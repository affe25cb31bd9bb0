"""`manage.py diff -f FILE`: what applying documents would change in their texts."""

from __future__ import annotations

from argparse import ArgumentParser
from difflib import unified_diff
from typing import Any

from django.core.management.base import BaseCommand

from catalog.sources.candidates import examine
from portal.management import catalogs
from portal.management.documents import add_files, read_files


class Command(BaseCommand):
    """One unified difference for each document that is new or changed."""

    help = (
        "Show what applying documents would change. Exits 0 where nothing differs, 1 "
        "where something does, 2 where it cannot be told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which documents, against which catalog."""
        add_files(parser)
        catalogs.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare each document."""
        catalog, differs = catalogs.chosen(options), False
        for name, text in read_files(options["file"]):
            # As the catalog reads it: without secrets, and without what it refuses.
            reading = examine(text, name)
            for problem in reading.problems:
                if problem.is_error:
                    self.stderr.write(f"{problem.place}: {problem.message}")
                    self.stderr.write(f"  {problem.remedy}")
                    differs = True
            for one in reading.candidates:
                before = catalog.text(one.ref) or ""
                for line in _lines(before, one.doc.text, one.ref):
                    self.stdout.write(line)
                    differs = True
        if differs:
            raise SystemExit(1)


def _lines(before: str, after: str, ref: str) -> list[str]:
    old = before.rstrip().splitlines()
    new = after.rstrip().splitlines()
    named = (f"catalog {ref}", f"file {ref}")
    return [line.rstrip("\n") for line in unified_diff(old, new, *named, lineterm="")]
