#!/usr/bin/env python
"""The way in for the command line."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from portal import env, supervisor


def main(arguments: list[str]) -> int:
    """Run one command. `appliance` runs without Django, which saves its memory."""
    if arguments[:1] == ["appliance"]:
        return supervisor.main(arguments[1:])
    try:
        env.current()
    except env.SettingsError as error:
        print(f"Greenroom cannot start: {error}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Only now: importing Django before the supervisor would cost it 35 MB.
    import_module("django.core.management").execute_from_command_line(
        [sys.argv[0], *arguments]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
