"""`python -m tests.backstage install|record`."""

from __future__ import annotations

import argparse
import os

import django

from tests.backstage import installing, recording


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.backstage")
    parser.add_argument("action", choices=["install", "record"])
    asked = parser.parse_args()
    if asked.action == "install":
        installing.install()
    else:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
        django.setup()
        recording.record()


if __name__ == "__main__":
    main()
