"""Serve the pages: one role of a scaled installation."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand

from portal import env, roles


class Command(BaseCommand):
    help = "Serve the pages. The outer supervisor (systemd, a container) restarts it."

    def handle(self, *args: Any, **options: Any) -> None:
        argv = roles.web(env.current())
        os.chdir(env.PROJECT)
        os.execv(argv[0], argv)
