"""What the run needs of each of the two: start it, fill it, ask it, weigh it."""

from __future__ import annotations

import contextlib
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import ParamSpec

from tests import servers
from tests.backstage.backend import NotReady
from tests.benchmarks import procfs
from tests.benchmarks.backstage.asking import Door, NoAnswer
from tests.nodes.venvs import NotInstalled

P = ParamSpec("P")
# What keeps a figure from being measured; anything else is a mistake of ours.
TROUBLE = (
    NoAnswer,
    NotInstalled,
    NotReady,
    servers.MissingServer,
    subprocess.SubprocessError,
    HTTPException,
    OSError,
)
QUIET, LOOK = 0.05, 1.0
# So long may an ingest take: ten thousand in a Backstage on a busy machine.
LONGEST = 1_800.0


@dataclass(frozen=True)
class Place:
    """What a side is given: a folder of its own, the catalog to read, a database.

    `catalog` holds `catalog-info.yaml` and the folder `parts`; `database` is a URL, or
    nothing for SQLite, and `database_pid` is the server behind it.
    """

    folder: Path
    catalog: Path
    size: int
    database: str = ""
    database_pid: int = 0


class Side(ABC):
    """One of the two. `why` says what went wrong, after which it is asked no more."""

    name: str
    door: Door

    def __init__(self, place: Place) -> None:
        self.place = place
        self.why = ""
        self.stack = contextlib.ExitStack()

    @abstractmethod
    def begin(self) -> None:
        """Start it for the first time, empty, and wait until all of it runs."""

    @abstractmethod
    def fill(self) -> None:
        """Have it read the catalog, and wait until every entity is served."""

    @abstractmethod
    def start_again(self) -> tuple[float, float]:
        """A warm start: wall and CPU seconds until the first answer."""

    @abstractmethod
    def root(self) -> int:
        """The process that all others of it come from."""

    def end(self) -> None:
        """Stop it, and all that belongs to it."""
        self.stack.close()

    def attempt(
        self, work: Callable[P, object], *given: P.args, **named: P.kwargs
    ) -> None:
        """Do something with it, unless it is out; trouble puts it out."""
        if self.why:
            return
        try:
            work(*given, **named)
        except TROUBLE as trouble:
            lines = str(trouble).strip().splitlines() or [type(trouble).__name__]
            self.why = lines[0][:200]

    def spent(self) -> float:
        """CPU seconds of all its processes, and of the database's."""
        return procfs.spent(self.root()) + self.spent_by_database()

    def spent_by_database(self) -> float:
        """CPU seconds of the database's processes, if it has any."""
        pid = self.place.database_pid
        return procfs.spent(pid) if pid else 0.0

    def memory(self) -> float:
        """Proportional set of all its processes in MB, without the database's."""
        return procfs.memory(*procfs.living(self.root()))

    def memory_of_database(self) -> float:
        """The same of the database's processes."""
        return procfs.memory(*procfs.living(self.place.database_pid))

    def until_quiet(self, limit: float = 60) -> None:
        """Wait until it does next to nothing for a second, or for `limit` seconds."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            before, began = self.spent(), time.monotonic()
            time.sleep(LOOK)
            if self.spent() - before < QUIET * (time.monotonic() - began):
                return


def wait_for(true: Callable[[], bool], what: str, limit: float = LONGEST) -> None:
    """Look four times a second. Raises NoAnswer when it takes too long."""
    end = time.monotonic() + limit
    while not true():
        if time.monotonic() > end:
            raise NoAnswer(f"{what} did not happen within {limit:.0f} s")
        time.sleep(0.25)
