"""What processes spend, read from /proc: CPU seconds, memory, families."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu(pids: Iterable[int]) -> float:
    """CPU seconds that these processes have spent."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def spent(root: int) -> float:
    """CPU seconds of a process, of all its descendants, and of those that have ended.

    Of the living in nanoseconds where no thread of theirs has ended, else in ticks.
    """
    total = 0.0
    for pid in living(root):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/stat").read_text()
            own, own_system, ended, ended_system = (
                int(field) / _TICKS for field in text.rpartition(")")[2].split()[11:15]
            )
            total += max(own + own_system, _by_threads(pid)) + ended + ended_system
    return total


def living(root: int) -> list[int]:
    """As `family`, of processes that may end meanwhile."""
    found, left = [], [root]
    while left:
        pid = left.pop()
        found.append(pid)
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                left += map(int, (task / "children").read_text().split())
    return found


def _by_threads(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def memory(*pids: int) -> float:
    """Proportional set of these processes in MB."""
    return sum(map(_proportional_set, pids)) / 1024


def _proportional_set(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
