"""`manage.py import PATH…`: add folders, files or URLs as sources and read them now."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalog.entities.problems import Problem
from catalog.sources import adding, processing
from catalog.sources.outcome import Outcome
from catalog.sources.provider import SourceError
from portal.example import is_example


class Command(BaseCommand):
    """Add each target as a source, read it, and say what happened."""

    help = (
        "Add folders, files or URLs as sources and read them now. They stay watched. "
        "Exits 1 when a document was refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Targets and options."""
        parser.add_argument("targets", nargs="+", metavar="PATH", help="path or URL")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, do nothing"
        )
        parser.add_argument(
            "--example", action="store_true", help="mark the entities as an example"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import each target."""
        failed = False
        for target in options["targets"]:
            try:
                outcome = self._import(target, options)
            except SourceError as error:
                outcome = Outcome(error=str(error))
            if outcome.error:
                self.stderr.write(f"{target}: error: {outcome.error}")
            else:
                self._report(target, outcome)
            failed = failed or bool(outcome.error or outcome.refused)
        if failed:
            raise SystemExit(1)

    def _import(self, target: str, options: dict[str, Any]) -> Outcome:
        if options["dry_run"]:
            return adding.dry_run(target)
        example = options["example"] or is_example(target)
        source = adding.add_source(target, example=example)
        return processing.refresh(source, door="command line")

    def _report(self, target: str, outcome: Outcome) -> None:
        for problem in outcome.problems:
            self.stderr.write(self._sentence(problem))
        self.stdout.write(f"{target}: {outcome.summary}")

    def _sentence(self, problem: Problem) -> str:
        return problem.sentence()
