"""Bring the database and the static files up to date, and load what CATALOG names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalog.sources import adding, processing
from catalog.sources.provider import SourceError
from portal import env
from portal.example import is_example


class Command(BaseCommand):
    help = "Migrate, collect static files, register and load the sources of CATALOG."
    # The tables that checks may ask for are made here.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = {"verbosity": 0, "interactive": False}
        call_command("migrate", **quiet)
        if not brings_static_files(env.current().static):
            call_command("collectstatic", **quiet)
        for target in env.current().catalog:
            self.load(target)

    def load(self, target: str) -> None:
        """Register one source and read it, so that the first page is not empty."""
        try:
            source = adding.add_source(target, example=is_example(target))
        except SourceError as error:
            raise CommandError(f"CATALOG: {error}", returncode=2) from None
        processing.refresh(source)


def brings_static_files(folder: Path) -> bool:
    """A container image has them already, where nobody may write."""
    collected = (folder / "staticfiles.json").is_file()
    return collected and not os.access(folder, os.W_OK)
