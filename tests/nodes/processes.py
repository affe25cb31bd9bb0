"""A running model server: its process group, its engine, freezing and ending it.

Only Linux: the processes of the group are read from /proc.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

GRACE = 15.0


@dataclass
class Node:
    """One server that answers at `url`; everything that it started is in its group."""

    name: str
    url: str
    model: str
    version: str
    process: subprocess.Popen[bytes]
    log: Path
    key: str | None = None
    engine: str = ""
    ready_after: float = 0.0

    def group(self) -> list[int]:
        """The processes of its group, the server itself among them."""
        return [pid for pid in pids() if group_of(pid) == self.process.pid]

    def engines(self) -> list[int]:
        """The processes that compute: the engine's children, or the server itself."""
        named = [pid for pid in self.group() if self.engine in title(pid)]
        return named if self.engine and named else [self.process.pid]

    def freeze(self, which: Literal["engine", "all"] = "engine") -> None:
        """Stop the engine, or everything, without ending it."""
        for pid in self.engines() if which == "engine" else self.group():
            send(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let everything go on."""
        for pid in self.group():
            send(pid, signal.SIGCONT)

    def kill(self, which: Literal["engine", "all"] = "all") -> None:
        """End the engine, or everything, at once."""
        for pid in self.engines() if which == "engine" else self.group():
            send(pid, signal.SIGKILL)
        if which == "all":
            self.process.wait(GRACE)

    def stop(self) -> None:
        """End everything, politely at first."""
        self.thaw()
        for pid in self.group():
            send(pid, signal.SIGTERM)
        end = time.monotonic() + GRACE
        while self.group() and time.monotonic() < end:
            self.process.poll()
            time.sleep(0.1)
        self.kill()

    def resident(self) -> int:
        """The memory of the whole group, in bytes; shared pages count once each."""
        return sum(resident(pid) for pid in self.group())

    def last_lines(self, count: int = 25) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])


def pids() -> list[int]:
    """All processes."""
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]


def group_of(pid: int) -> int | None:
    """The process group, unless it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[2])


def title(pid: int) -> str:
    """Its command line, which a server may rewrite."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def resident(pid: int) -> int:
    """Its proportional share of memory, in bytes."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    shares = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return sum(int(share) for share in shares) * 1024


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
