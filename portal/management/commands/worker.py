"""Run tasks: one role of a scaled installation."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal import env, roles


class Command(BaseCommand):
    help = "Run tasks. Any number of workers may run; one scheduler beside them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-scheduler",
            action="store_true",
            help="also send the periodic tasks and watch folders; in one worker only",
        )
        parser.add_argument("--queues", default="", help="only these, with commas")
        parser.add_argument("--threads", type=int, default=0, help="tasks at once")

    def handle(self, *args: Any, **options: Any) -> None:
        argv = roles.worker(
            env.current(),
            scheduler=options["with_scheduler"],
            queues=options["queues"],
            threads=options["threads"],
        )
        os.chdir(env.PROJECT)
        os.execv(argv[0], argv)
