"""`manage.py lint PATH…`: say what is wrong with catalog files, without a catalog."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from catalog.sources import linting
from portal.management.lint_formats import FORMATS


class Command(BaseCommand):
    """Read files and folders, print every problem, exit 1 when there are errors."""

    help = (
        "Check catalog files, and that what they refer to is declared in them. Needs "
        "no settings and no database. Exits 1 when a document would be refused, 2 when "
        "called wrongly."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Paths, and how to look and to tell."""
        parser.add_argument(
            "paths",
            nargs="+",
            metavar="PATH",
            help="folder, YAML file or URL; - for what comes in on standard input",
        )
        parser.add_argument(
            "--format",
            choices=FORMATS,
            default="text",
            help="lines for people, JSON, or notes for GitHub, Forgejo and Gitea",
        )
        parser.add_argument(
            "--partial",
            action="store_true",
            help="the paths are a part of a catalog: do not check what they refer to",
        )
        parser.add_argument(
            "--skip-foreign",
            action="store_true",
            help="leave YAML of other programs out of named files, as out of folders",
        )
        parser.add_argument(
            "--strict", action="store_true", help="exit 1 on warnings too"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Lint all paths together."""
        report = linting.lint(
            options["paths"],
            partial=options["partial"],
            skip_foreign=options["skip_foreign"],
            # There is none where it was closed.
            stdin=getattr(sys.stdin, "buffer", None),
        )
        for line in FORMATS[options["format"]](report, self.style):
            self.stdout.write(line)
        if report.errors or (options["strict"] and report.warnings):
            raise SystemExit(1)
