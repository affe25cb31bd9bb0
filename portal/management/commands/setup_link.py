"""Print the one-time set-up link again."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from portal import env, greeting, keys, running


class Command(BaseCommand):
    help = "Print the link that makes the first account; it works while there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        if get_user_model().objects.exists():
            raise CommandError(
                "There is an account already, so the set-up link no longer works. Ask "
                "an administrator for an invite, or run: manage.py account reset NAME"
            )
        settings = env.current()
        token = keys.setup_token(keys.signing_key(settings))
        path = reverse("setup", args=[token]).removeprefix(settings.prefix)
        self.stdout.write(f"{greeting.lan_address(running.as_running(settings))}{path}")
