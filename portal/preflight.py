"""Before the start: is everything there, and what has to be prepared? No Django."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from portal import values
from portal.env import PROJECT, Env, SettingsError

# The settings that name a server, with its usual port.
SERVERS = {"database_url": 5432, "broker_url": 6379}
SQLITE = b"SQLite format 3\0"
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
    check_database_file(env.database_file)
    check_port(env.bind, env.port)
    for name in SERVERS:
        check_server(name, env)
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
        # Another command may look at the same moment, and take it away.
        probe.unlink(missing_ok=True)
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
    for address in [bind, *(["0.0.0.0"] if is_for_both(bind) else [])]:
        check_address(address, port)


def is_for_both(bind: str) -> bool:
    """Whether who listens there is reached by IPv4 too."""
    return bind == "::" and values.everywhere() == bind


def check_address(bind: str, port: int) -> None:
    """One address with this port must be free."""
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
        f"GREENROOM_BIND to one that is, or to {values.everywhere()} for all."
    )


def check_database_file(file: Path | None) -> None:
    """What lies where the database belongs must be one, or be empty, or be missing."""
    if file is None or not file.exists():
        return
    try:
        with file.open("rb") as content:
            start = content.read(len(SQLITE))
    except OSError as error:
        raise SettingsError(
            f"The database {file} cannot be read: {error.strerror}. Let this user read "
            "and write it."
        ) from None
    if start not in (b"", SQLITE):
        raise SettingsError(damaged(file, "it is not an SQLite file"))


def damaged(file: Path, why: str) -> str:
    """A database file that cannot be used any more, and what to do."""
    return (
        f"The database {file} is damaged: {why}. Put back a copy of the data folder, "
        "or move the file away to begin with an empty catalog."
    )


def check_server(name: str, env: Env) -> None:
    """A server that a setting names must accept connections."""
    parts = urlsplit(getattr(env, name))
    # What is no host name is a socket in a folder, or a list for the driver to try.
    if not parts.hostname or re.search(r"[%,]", parts.netloc.rpartition("@")[2]):
        return
    try:
        port = parts.port or SERVERS[name]
        socket.create_connection((parts.hostname, port), timeout=5).close()
    except OSError as error:
        why = error.strerror or str(error)
        raise SettingsError(unanswered(name, why, env)) from None


def unanswered(name: str, why: str, env: Env) -> str:
    """A server that cannot be used, with the setting that names it."""
    url, origin = getattr(env, name), env.origins.get(name, "default")
    return (
        f"{without_password(url)} cannot be used: {why}. Start that server, or correct "
        f"{name} ({origin})."
    )


def without_password(url: str) -> str:
    """An address that may be shown: no password, no parameters."""
    # Hidden first: a question mark may be part of the password.
    return re.sub(r"(//[^:/@]*):.*@", r"\1:…@", url).partition("?")[0]


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
