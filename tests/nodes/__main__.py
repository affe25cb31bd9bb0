"""`python -m tests.nodes install|record|truth|list [NAME…]`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.nodes import recording, truth
from tests.nodes.servers import SERVERS
from tests.nodes.venvs import VENVS


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.nodes")
    parser.add_argument("action", choices=["install", "record", "truth", "list"])
    parser.add_argument("names", nargs="*", help="environments, or servers to record")
    parser.add_argument("--saturate", type=float, default=0, help="minutes, of truth")
    parser.add_argument("--out", type=Path, default=Path("/tmp/truth.json"))
    asked = parser.parse_args()
    if asked.action == "install":
        for name in asked.names or VENVS:
            print(f"{name}: {VENVS[name].folder}", flush=True)
            VENVS[name].install()
    elif asked.action == "record":
        recording.everything(asked.names or list(SERVERS))
    elif asked.action == "truth":
        installed = [name for name in SERVERS if SERVERS[name].venv.is_installed()]
        status = truth.main(asked.names or installed, asked.saturate, asked.out)
        raise SystemExit(status)
    else:
        for server in SERVERS.values():
            state = "installed" if server.venv.is_installed() else "missing"
            print(f"{server.name:18} {server.venv.name:18} {state}")


if __name__ == "__main__":
    main()
