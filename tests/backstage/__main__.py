"""`python -m tests.backstage install|record`."""

from __future__ import annotations

import argparse

from tests.backstage import installing


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.backstage")
    parser.add_argument("action", choices=["install"])
    asked = parser.parse_args()
    if asked.action == "install":
        installing.install()


if __name__ == "__main__":
    main()
