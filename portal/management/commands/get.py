"""`manage.py get REF…`: the documents of entities, as their authors wrote them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import refs
from portal.management import catalogs


class Command(BaseCommand):
    """Print the YAML of each entity, with --- between them."""

    help = (
        "Print the documents of entities. Exits 1 when one is missing, and prints the "
        "others all the same."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which, and from where."""
        parser.add_argument("refs", nargs="+", metavar="REF", help="model:default/x")
        catalogs.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them."""
        catalog, texts, missing = catalogs.chosen(options), [], []
        for name in options["refs"]:
            try:
                ref = str(refs.parse(name.lower()))
            except refs.RefError as error:
                raise CommandError(f"“{name}”: {error}", returncode=2) from error
            text = catalog.text(ref)
            texts += [f"{text.rstrip()}\n"] if text is not None else []
            missing += [ref] if text is None else []
        self.stdout.write("---\n".join(texts), ending="")
        if missing:
            said = f"{', '.join(missing)} is not in the catalog, or not for you to see."
            raise CommandError(said, returncode=1)
