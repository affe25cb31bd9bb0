"""Bring the database and the static files up to date, and load what CATALOG names."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrate, collect static files, register and load the sources of CATALOG."
    # The tables that checks may ask for are made here.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = {"verbosity": 0, "interactive": False}
        call_command("migrate", **quiet)
        call_command("collectstatic", **quiet)
