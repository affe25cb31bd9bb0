"""Before the start: is everything there, and what has to be prepared? No Django."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from portal.env import PROJECT, Env, SettingsError

# A change in any of these calls for `manage.py prepare` before the next start.
WATCHED = (
    "requirements.lock",
    "CHANGELOG.md",
    "*/*/migrations/*.py",
    "*/migrations/*.py",
    "portal/web/*.py",
    "portal/web/static/**/*",
    "catalog/kinds/*.py",
)


def check(env: Env) -> None:
    """Raise SettingsError with one sentence where the appliance cannot start."""
    check_folder(env.data)
    check_port(env.bind, env.port)
    for target in env.catalog:
        check_target(target)


def check_folder(folder: Path) -> None:
    """The data folder must exist, or be made, and take files.

    One that is made is closed to other users: it holds password hashes and sessions.
    """
    remedy = "Let this user write there, or set GREENROOM_DATA to another folder."
    probe = folder / ".writable"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe.touch()
        probe.unlink()
    except FileExistsError:
        raise SettingsError(
            f"The data folder {folder} is a file. Move it away, or set GREENROOM_DATA "
            "to another folder."
        ) from None
    except OSError as error:
        raise SettingsError(
            f"The data folder {folder} cannot be written: {error.strerror}. {remedy}"
        ) from None


def check_port(bind: str, port: int) -> None:
    """The port must be free: granian would share it with a server left over."""
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
            probe.listen(1)
        except OSError as error:
            raise SettingsError(port_sentence(bind, port, error)) from None


def port_sentence(bind: str, port: int, error: OSError) -> str:
    """What is wrong with the address, and what to do."""
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return (
            f"Port {port} is already in use. Stop what uses it, or choose another: "
            f"make run PORT={other}"
        )
    if error.errno == errno.EACCES:
        return (
            f"Port {port} needs more rights than this user has. Choose one above 1023: "
            "make run PORT=8000"
        )
    return (
        f"{bind} is not an address of this machine ({error.strerror}). Set "
        "GREENROOM_BIND to one that is, or to 0.0.0.0 for all."
    )


def check_target(target: str) -> None:
    """A folder or file of CATALOG must be there; a URL is asked for later."""
    if "://" not in target and not Path(target).exists():
        raise SettingsError(
            f"CATALOG names {target}, which does not exist. Give an existing folder or "
            "file, or a URL."
        )


def is_prepared(env: Env) -> bool:
    """Whether nothing that `prepare` looks at has changed since it last ended well."""
    if env.database_file and not env.database_file.exists():
        return False
    if not (env.static / "staticfiles.json").exists():
        return False
    try:
        return stamp_file(env).read_text("ascii") == fingerprint(env)
    except OSError:
        return False


def keep_stamp(env: Env) -> None:
    """Note that all is prepared."""
    stamp_file(env).write_text(fingerprint(env), "ascii")


def stamp_file(env: Env) -> Path:
    """Where the note lies."""
    return env.data / "prepared"


def fingerprint(env: Env) -> str:
    """A digest of everything that preparation rests on."""
    facts = [
        sys.version,
        str(env.static),
        env.prefix,
        env.database_url,
        list(env.catalog),
        list(watched_files()),
    ]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def watched_files() -> Iterator[tuple[str, int, int]]:
    """Name, size and time of every file that preparation rests on."""
    for pattern in WATCHED:
        for file in sorted(PROJECT.glob(pattern)):
            state = os.stat(file)  # noqa: PTH116
            yield str(file), state.st_size, state.st_mtime_ns
