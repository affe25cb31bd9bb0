#!/usr/bin/env python
"""The way in for the command line."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from portal import env, supervisor

# What these write is for others too: a container image has another user when it runs.
FOR_OTHERS = ("collectstatic", "export")
# What these look at has nothing to do with the Greenroom of this machine, if any.
WITHOUT_HOUSE = ("lint",)


def main(arguments: list[str]) -> int:
    """Run one command. `appliance` runs without Django, which saves its memory."""
    if arguments[:1] and arguments[0] not in FOR_OTHERS:
        os.umask(0o077)
    if arguments[:1] == ["appliance"]:
        return supervisor.main(arguments[1:])
    if arguments[:1] and arguments[0] in WITHOUT_HOUSE:
        env.forget(os.environ)
    try:
        current = env.current()
    except env.SettingsError as error:
        print(f"Greenroom cannot start: {error}", file=sys.stderr)
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    # Only now: importing Django before the supervisor would cost it 35 MB.
    status: int = import_module("portal.commandline").run(arguments, current)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
