"""Processes that do not outlive their parent, and end as a group. No Django."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from portal.env import PROJECT

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1
# Loaded here, because little may be done between fork and exec.
LIBC = ctypes.CDLL(None, use_errno=True) if LINUX else None
# Where the system cannot tell children that we died, a guard is told of each group.
guards: list[IO[bytes]] = []


@dataclass
class Child:
    """A process and everything it starts."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(
        cls, argv: list[str], variables: Mapping[str, str], *, quiet: bool = False
    ) -> Child:
        """Start a command in a process group of its own."""
        process = subprocess.Popen(
            argv,
            env=dict(variables),
            cwd=PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if quiet else None,
            process_group=0,
            preexec_fn=die_with(os.getpid()) if LINUX else None,
        )
        tell_guard(f"+{process.pid}")
        return cls(process)

    def is_dead(self) -> bool:
        """Whether the process itself has ended."""
        return self.process.poll() is not None

    def ask_to_end(self) -> None:
        """Ask the process to end what it does, and its own children."""
        self.process.terminate()

    def end(self, patience: float) -> int:
        """End the whole group, by force after so many seconds; the exit status."""
        if not self.is_dead() and patience:
            self.ask_to_end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        kill_group(self.process.pid, signal.SIGKILL)
        tell_guard(f"-{self.process.pid}")
        return self.process.wait()


def die_with(parent: int) -> Callable[[], None]:
    """What a child does first: ask the kernel to end it when its parent dies."""

    def arrange() -> None:
        if LIBC is not None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def kill_group(group: int, number: int) -> None:
    """Signal a process group that may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def in_words(status: int) -> str:
    """An exit status for people."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


@contextlib.contextmanager
def guarded(*, always: bool = False) -> Iterator[None]:
    """Run a guard beside us, on systems that need one."""
    if LINUX and not always:
        yield
        return
    command = [sys.executable, "-m", "portal.children"]
    guard = subprocess.Popen(
        command, stdin=subprocess.PIPE, cwd=PROJECT, start_new_session=True
    )
    assert guard.stdin is not None
    guards.append(guard.stdin)
    try:
        yield
    finally:
        guards.remove(guard.stdin)
        guard.stdin.close()
        guard.wait(10)


def tell_guard(line: str) -> None:
    """Tell the guard, where there is one, of a group that began or ended."""
    for pipe in guards:
        with contextlib.suppress(OSError):
            pipe.write(f"{line}\n".encode())
            pipe.flush()


def guard(pipe: IO[bytes], patience: float = 4.0) -> None:
    """End every group that is left when the supervisor closes the pipe by dying."""
    groups: set[int] = set()
    for line in pipe:
        group = int(line[1:])
        groups.add(group) if line[:1] == b"+" else groups.discard(group)
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            kill_group(group, number)
        if groups and number == signal.SIGTERM:
            time.sleep(patience)


if __name__ == "__main__":
    guard(sys.stdin.buffer)
