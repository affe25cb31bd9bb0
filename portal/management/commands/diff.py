"""`manage.py diff -f FILE`: what applying documents would change in their texts."""

from __future__ import annotations

from argparse import ArgumentParser
from difflib import unified_diff
from typing import Any

from django.core.management.base import BaseCommand

from catalog.entities import envelope
from catalog.sources.candidates import subject_of
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
            reading = envelope.read(text, name)
            for problem in reading.problems:
                if problem.is_error:
                    self.stderr.write(f"{problem.place}: {problem.message}")
                    differs = True
            for doc in reading.documents:
                ref = subject_of(doc.data)
                before = (catalog.text(ref) if ref else None) or ""
                for line in _lines(before, doc.text, ref or f"{name}:{doc.line}"):
                    self.stdout.write(line)
                    differs = True
        if differs:
            raise SystemExit(1)


def _lines(before: str, after: str, ref: str) -> list[str]:
    old = before.rstrip().splitlines()
    new = after.rstrip().splitlines()
    named = (f"catalog {ref}", f"file {ref}")
    return [line.rstrip("\n") for line in unified_diff(old, new, *named, lineterm="")]
