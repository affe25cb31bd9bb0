"""A real `manage.py appliance` for tests: own data folder, own port, always ended."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import free_port, wait_until

READY = "Ready after"
PROJECT = Path(__file__).resolve().parent.parent


@dataclass
class Appliance:
    """One installation: start it, ask it, stop it, start it again."""

    data: Path
    output: Path
    port: int = field(default_factory=free_port)
    variables: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def environment(self) -> dict[str, str]:
        """Its variables, without those of whoever runs the tests."""
        ours = {k: v for k, v in os.environ.items() if not k.startswith("GREENROOM_")}
        ours |= {"GREENROOM_DATA": str(self.data), "GREENROOM_BIND": "127.0.0.1"}
        ours.pop("DJANGO_SETTINGS_MODULE", None)
        return ours | self.variables

    def manage(
        self, *arguments: str, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on its data folder."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment() | variables,
            capture_output=True,
            text=True,
        )

    def start(self, *options: str) -> None:
        """Start it, without waiting."""
        command = [sys.executable, "manage.py", "appliance", "--port", str(self.port)]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *options],
                cwd=PROJECT,
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def start_and_wait(self, *options: str) -> None:
        """Start it, until the first page can be had."""
        before = self.said().count(READY)
        self.start(*options)
        wait_until(lambda: self.said().count(READY) > before or self.has_ended(), READY)
        assert not self.has_ended(), self.said()

    def said(self) -> str:
        """Everything it printed so far."""
        return self.output.read_text("utf-8") if self.output.exists() else ""

    def has_ended(self) -> bool:
        """Whether the supervisor is gone."""
        return self.process is None or self.process.poll() is not None

    def status(self, limit: float = 30) -> int:
        """Wait for its end; the exit status."""
        assert self.process is not None
        return self.process.wait(limit)

    def get(self, path: str, **headers: str) -> http.client.HTTPResponse:
        """Ask for a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", path, headers=headers)
        return connection.getresponse()

    def readiness(self) -> dict[str, Any]:
        """What /readyz says; nothing where nobody answers."""
        try:
            answer: dict[str, Any] = json.loads(self.get("/readyz").read())
        except (OSError, ValueError):
            return {}
        return answer

    def family(self) -> list[int]:
        """Every process that belongs to this data folder, the supervisor too."""
        marks = (f"GREENROOM_DATA={self.data}\0".encode(),)
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (folder / "environ").read_bytes() + b"\0"
                if any(mark in environment for mark in marks):
                    found.append(int(folder.name))
        return [pid for pid in found if not is_zombie(pid)]

    def child(self, word: str) -> int:
        """The first process of the family with this word in its command line."""
        for pid in sorted(self.family()):
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes()
                if word.encode() in line.split(b"\0"):
                    return pid
        return 0

    @contextlib.contextmanager
    def ended(self) -> Iterator[Appliance]:
        """At the end, nothing of it is left."""
        try:
            yield self
        finally:
            for pid in self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if self.process is not None:
                self.process.wait(10)


def is_zombie(pid: int) -> bool:
    """Ended, but not yet noticed by its parent."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] == "Z"
