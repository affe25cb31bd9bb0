"""`manage.py query 'kind:model owner:platform'`: ask the catalog from a terminal."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog import refs
from portal.management import catalogs
from portal.management.catalogs import Catalog

COLUMNS = ("ref", "title", "type", "owner", "lifecycle", "status")
FORMATS = ("text", "json", "csv", "yaml", "refs")
_USAGE = """manage.py query [OPTIONS] [--] [QUERY]

One that begins with - stands after --, and after the options:
  manage.py query --format refs -- -status:up
"""
_SAID = {True: "holds", False: "does not hold", None: "not known"}


class Command(BaseCommand):
    """One query, all that it finds, and what should be known of the answer."""

    help = (
        "Ask the catalog, as in the box above the list: kind:model is:production. "
        "One that begins with - stands after --. Exits 1 when nothing is found, 2 when "
        "the query is wrong. The language is under Help, Queries."
    )

    def create_parser(
        self, prog_name: str, subcommand: str, **kwargs: Any
    ) -> CommandParser:
        """Whoever calls it wrongly is told of the most likely reason."""
        return super().create_parser(prog_name, subcommand, usage=_USAGE, **kwargs)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to ask, whom, and how to tell."""
        parser.add_argument("query", nargs="*", help="the query; empty finds all")
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument(
            "--explain", metavar="REF", help="why this entity is in the answer or not"
        )
        catalogs.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and tell."""
        catalog, text = catalogs.chosen(options), " ".join(options["query"])
        if options["explain"]:
            for reason in catalog.explain(text, options["explain"]):
                indent = "  " * reason["depth"]
                said = _SAID[reason["holds"]]
                self.stdout.write(f"{said:14} {indent}{reason['text']}")
            return
        rows, remarks = catalog.query(text)
        for remark in remarks:
            self.stderr.write(remark["text"])
            for offer in remark["instead"]:
                title, text = offer["title"], offer["query"]
                # “Try kind:model” says it already.
                is_said = title.endswith(f" {text}")
                self.stderr.write(f"  {title}" if is_said else f"  {title}: {text}")
        self._tell(catalog, rows, options["format"])
        if not rows:
            raise SystemExit(1)

    def _tell(
        self, catalog: Catalog, rows: Sequence[dict[str, Any]], wanted: str
    ) -> None:
        if wanted == "json":
            print(json.dumps(rows, indent=2, ensure_ascii=False))
        elif wanted == "csv":
            writer = csv.DictWriter(sys.stdout, COLUMNS, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
        elif wanted == "yaml":
            texts = (catalog.text(row["ref"]) or "" for row in rows)
            print("---\n".join(f"{text.rstrip()}\n" for text in texts), end="")
        elif wanted == "refs":
            print("\n".join(row["ref"] for row in rows))
        else:
            _table(rows)
            self.stderr.write(f"{len(rows)} found")


def _table(rows: Sequence[dict[str, Any]]) -> None:
    table = [COLUMNS, *map(_cells, rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    owner = refs.short(row["owner"]) if row["owner"] else ""
    shown = {**row, "ref": refs.short(row["ref"]), "owner": owner}
    return tuple(str(shown[name] or "-") for name in COLUMNS)
