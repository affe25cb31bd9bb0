"""`manage.py probe REF…`: ask services now, and say what they answer."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import refs
from catalog.entities.models import Entity
from catalog.probes import once, words
from catalog.probes.once import Outcome
from catalog.probes.prober import PROBERS

_BAD = (words.DOWN, words.DEGRADED)


class Command(BaseCommand):
    """Look once at every level of every probe; keeps nothing, counts for nothing."""

    help = (
        "Ask the services of entities, or one at an address, and print what each level "
        "found. Nothing is stored. Exits 1 when one is down or degraded, 2 when called "
        "wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whom to ask, and how to tell."""
        parser.add_argument(
            "refs", nargs="*", metavar="REF", help="component:default/x"
        )
        parser.add_argument("--type", choices=sorted(PROBERS), help="with --url")
        parser.add_argument("--url", help="an address that no document declares yet")
        parser.add_argument("--model", default="", help="the model it should serve")
        parser.add_argument("--log", action="store_true", help="also all that is sent")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and tell."""
        say = (lambda line: self.stderr.write(line)) if options["log"] else None
        if options["url"] or options["type"]:
            outcomes = self._address(options, say)
        else:
            outcomes = once.of_entities(self._entities(options["refs"]), say)
        if options["format"] == "json":
            rows = [outcome.as_dict() for outcome in outcomes]
            self.stdout.write(json.dumps(rows, indent=2))
        else:
            for outcome in outcomes:
                self.stdout.write(self._line(outcome))
        if any(outcome.state in _BAD for outcome in outcomes):
            raise SystemExit(1)

    def _address(self, options: dict[str, Any], say: Any) -> list[Outcome]:
        if options["refs"] or not (options["url"] and options["type"]):
            raise CommandError("Name entities, or both --type and --url.", returncode=2)
        given = {"url": options["url"]}
        if options["model"]:
            given["model"] = options["model"]
        return once.of_address(options["type"], given, say)

    def _entities(self, names: list[str]) -> list[Entity]:
        if not names:
            raise CommandError(
                "Name entities such as component:default/vllm, or --type and --url.",
                returncode=2,
            )
        wanted = [self._ref(name) for name in names]
        found = Entity.objects.filter(ref__in=wanted).in_bulk(field_name="ref")
        missing = [ref for ref in wanted if ref not in found]
        if missing:
            raise CommandError(
                f"{', '.join(missing)} is not in the catalog.", returncode=2
            )
        return [found[ref] for ref in dict.fromkeys(wanted)]

    def _ref(self, name: str) -> str:
        try:
            return str(refs.parse(name, kind="component"))
        except refs.RefError as error:
            raise CommandError(str(error), returncode=2) from error

    def _line(self, outcome: Outcome) -> str:
        mark = self.style.SUCCESS
        if outcome.state in _BAD:
            mark = self.style.ERROR
        elif outcome.state == words.UNKNOWN:
            mark = self.style.WARNING
        took = "" if outcome.latency_ms is None else f" {outcome.latency_ms:g} ms"
        error = words.ERRORS.get(outcome.error_class, "")
        said = ": ".join(part for part in (error, outcome.detail) if part)
        serves = f" serves {', '.join(outcome.models)}" if outcome.models else ""
        head = f"{outcome.ref} {outcome.probe} {outcome.level}".strip()
        tail = f". {said}" if said else ""
        return f"{head}: {mark(outcome.title)}{took}{serves}{tail}"
