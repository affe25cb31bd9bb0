"""`manage.py lint PATH…`: say what is wrong with catalog files, without a catalog."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from catalog.entities.problems import Problem
from catalog.sources import adding
from catalog.sources.gathering import Gathered, gather
from catalog.sources.provider import SourceError, provider_of


class Command(BaseCommand):
    """Read files and folders, print every problem, exit 1 when there are errors."""

    help = "Check catalog files. Exits 1 when a document would be refused."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Paths."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="file or folder")

    def handle(self, *args: Any, **options: Any) -> None:
        """Lint each path."""
        errors = warnings = documents = 0
        for path in options["paths"]:
            try:
                gathered = self._gathered(path)
            except SourceError as error:
                self.stdout.write(f"{path}: error: {error}")
                errors += 1
                continue
            for problem in gathered.problems:
                errors += problem.is_error
                warnings += not problem.is_error
                self.stdout.write(self._line(path, problem))
            documents += sum(len(file.candidates) for file in gathered.files)
        self.stdout.write(
            f"{documents} good, {errors} error{'s' * (errors != 1)}, "
            f"{warnings} warning{'s' * (warnings != 1)}"
        )
        if errors:
            raise SystemExit(1)

    def _gathered(self, path: str) -> Gathered:
        return gather(provider_of(adding.source_for(path)))

    def _line(self, path: str, problem: Problem) -> str:
        if "://" in path:
            return problem.sentence()
        base = Path(path)
        full = base if base.is_file() else base / problem.path
        return problem.placed(str(full), problem.line, problem.column).sentence()
