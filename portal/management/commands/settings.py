"""Show every setting, its value, and where it came from."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal import env


class Command(BaseCommand):
    help = "Show every setting, its value, and where it came from."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        current = env.current()
        for setting in env.TABLE:
            origin = current.origins.get(setting.name, "default")
            self.stdout.write(f"{setting.name} = {shown(setting, current)}")
            self.stdout.write(f"    {setting.help}")
            self.stdout.write(f"    {origin}; set it with {setting.variable}")


def shown(setting: env.Setting, current: env.Env) -> str:
    """The value as text; a secret only whether it is set."""
    value = getattr(current, setting.name)
    if setting.secret:
        return "(set; not shown)" if value else "(empty)"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value) or "(empty)"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value or "(empty)")
