"""Send the periodic tasks: the one scheduler of a scaled installation."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand

from portal import env, roles


class Command(BaseCommand):
    help = "Send the periodic tasks. Run exactly one beside the workers."

    def handle(self, *args: Any, **options: Any) -> None:
        argv = roles.scheduler(env.current())
        os.chdir(env.PROJECT)
        os.execv(argv[0], argv)
