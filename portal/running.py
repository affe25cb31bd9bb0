"""The appliance that runs on a data folder: at most one, and where it listens.

It holds a lock on a file in the folder for as long as it lives, so a file that is left
over after a power cut names nobody. No Django.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from portal import values
from portal.env import Env, SettingsError


@contextlib.contextmanager
def only_one(env: Env) -> Iterator[None]:
    """Two supervisors in one data folder would run every periodic task twice."""
    with lock_file(env.data).open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SettingsError(in_use(env.data, lock)) from None
        lock.truncate(0)
        json.dump(facts(env), lock)
        lock.flush()
        yield
        lock.truncate(0)


def lock_file(folder: Path) -> Path:
    """The file that is locked."""
    return folder / "appliance.lock"


def facts(env: Env) -> dict[str, Any]:
    """What others want to know of this process."""
    return {
        "process": os.getpid(),
        "bind": env.bind,
        "port": env.port,
        "url": str(env.url or ""),
    }


def in_use(folder: Path, lock: IO[str]) -> str:
    """Who has the folder, and what to do."""
    process = noted(lock).get("process", "unknown")
    return (
        f"Another Greenroom (process {process}) already runs on the data folder "
        f"{folder}. Stop it, or set GREENROOM_DATA to another folder."
    )


def noted(lock: IO[str]) -> dict[str, Any]:
    """What the holder of the lock wrote."""
    lock.seek(0)
    try:
        found = json.loads(lock.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def as_running(env: Env) -> Env:
    """The settings, with the address of the appliance that runs on this data folder.

    It may have been started with options and variables that this process knows not of.
    """
    try:
        with lock_file(env.data).open(encoding="utf-8") as lock:
            found = {} if is_free(lock) else noted(lock)
    except OSError:
        return env
    try:
        return replace(
            env,
            bind=values.address(found["bind"]),
            port=values.port(str(found["port"])),
            url=values.base_url(found["url"]),
        )
    except (KeyError, values.Wrong):
        return env


def is_free(lock: IO[str]) -> bool:
    """Whether nobody holds the lock."""
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    fcntl.flock(lock, fcntl.LOCK_UN)
    return True
