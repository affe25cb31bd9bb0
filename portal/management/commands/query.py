"""`manage.py query 'kind:model owner:platform'`: ask the catalog from a terminal."""

from __future__ import annotations

import csv
import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import refs
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING
from catalog.query.language import explaining
from catalog.query.language.asking import Answer, ask
from catalog.query.language.wrong import Wrong

COLUMNS = ("ref", "title", "type", "owner", "lifecycle")
FORMATS = ("text", "json", "csv", "yaml", "refs")


class Command(BaseCommand):
    """One query, all that it finds, and what should be known of the answer."""

    help = (
        "Ask the catalog, as in the box above the list: kind:model is:production. "
        "One that begins with - stands after --. Exits 1 when nothing is found, 2 when "
        "the query is wrong. The language is under Help, Queries."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to ask, and how to tell."""
        parser.add_argument("query", nargs="*", help="the query; empty finds all")
        parser.add_argument("--format", choices=FORMATS, default="text")
        parser.add_argument(
            "--explain", metavar="REF", help="why this entity is in the answer or not"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and tell."""
        try:
            answer = ask(" ".join(options["query"]), EVERYTHING)
        except Wrong as wrong:
            raise CommandError(f"\n{wrong}", returncode=2) from wrong
        for remark in answer.scope.remarks:
            self.stderr.write(remark.text)
            for title, text in remark.instead:
                self.stderr.write(f"  {title}: {text}")
        if options["explain"]:
            self._explain(answer, options["explain"])
            return
        rows = answer.entities()
        _WRITERS[options["format"]](rows)
        if options["format"] == "text":
            self.stderr.write(f"{len(rows)} found")
        if not rows:
            raise SystemExit(1)

    def _explain(self, answer: Answer, name: str) -> None:
        ref = explaining.meant(answer.scope, name)
        if not ref:
            raise CommandError(f"Nothing is called “{name}”.", returncode=2)
        for reason in answer.explain(ref):
            said = {True: "holds", False: "does not hold", None: "not known"}
            indent = "  " * reason.depth
            self.stdout.write(f"{said[reason.holds]:14} {indent}{reason.text}")


def _text(rows: Sequence[Entity]) -> None:
    table = [COLUMNS, *map(_cells, rows)] if rows else []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _cells(entity: Entity) -> tuple[str, ...]:
    owner = refs.short(entity.owner) if entity.owner else "-"
    shown = (refs.short(entity.ref), entity.title, entity.type, owner, entity.lifecycle)
    return tuple(cell or "-" for cell in shown)


def _json(rows: Sequence[Entity]) -> None:
    found = [{name: getattr(row, name) for name in COLUMNS} for row in rows]
    print(json.dumps(found, indent=2, ensure_ascii=False))


def _csv(rows: Sequence[Entity]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(row, name) for name in COLUMNS] for row in rows)


def _yaml(rows: Sequence[Entity]) -> None:
    joint = ""
    for row in sorted(rows, key=lambda row: row.ref):
        # The long texts were left out; one at a time keeps memory flat.
        print(f"{joint}{row.text.rstrip()}")
        joint = "---\n"


def _refs(rows: Sequence[Entity]) -> None:
    for row in rows:
        print(row.ref)


_WRITERS: dict[str, Callable[[Sequence[Entity]], None]] = {
    "text": _text,
    "json": _json,
    "csv": _csv,
    "yaml": _yaml,
    "refs": _refs,
}
