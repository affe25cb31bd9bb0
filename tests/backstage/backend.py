"""A running Backstage: `with Backstage(Settings()) as backstage: …`.

Only Linux: memory and processor time of its process group are read from /proc.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import urllib3

from tests.backstage import installing
from tests.backstage.configuring import Settings, written
from tests.nodes import processes
from tests.servers import free_port

PATIENCE = 120.0
GRACE = 15.0
HEALTH = "/.backstage/health/v1/readiness"


class NotReady(Exception):
    """It ended, stayed silent or never settled; the message says what it did last."""


class Backstage:
    """One backend on a free port, in a process group of its own."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.token = secrets.token_hex(16)
        self.ready_after = 0.0
        self._http = urllib3.PoolManager(retries=False, timeout=30)

    def __enter__(self) -> Backstage:
        installing.require()
        self._folder = tempfile.TemporaryDirectory(prefix="greenroom-backstage-")
        folder = Path(self._folder.name)
        self.log = folder / "backstage.log"
        config = folder / "app-config.yaml"
        prefix = self.settings.prefix or f"bs_{secrets.token_hex(4)}_"
        document = written(self.settings, self.port, self.token, prefix)
        if self.settings.module:
            module = folder / "greenroom-kinds.js"
            module.write_text(self.settings.module)
            document["greenroom"]["module"] = str(module)
        config.write_text(json.dumps(document, indent=2))
        script = installing.HERE / "backend.cjs"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [installing.binary("node"), script, "--config", config],
                cwd=installing.app(),
                env=installing.variables({"NODE_ENV": "production"}),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait(self) -> None:
        began = time.monotonic()
        while not self._healthy():
            if self.process.poll() is not None:
                raise NotReady(f"Backstage ended:\n{self.last_lines()}")
            if time.monotonic() - began > PATIENCE:
                raise NotReady(f"Backstage stayed silent:\n{self.last_lines()}")
            time.sleep(0.05)
        self.ready_after = time.monotonic() - began

    def _healthy(self) -> bool:
        try:
            return self._http.request("GET", self.base + HEALTH).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def stop(self) -> None:
        """End the whole group, politely at first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                processes.send(pid, number)
            end = time.monotonic() + GRACE
            while self.pids() and time.monotonic() < end:
                self.process.poll()
                time.sleep(0.05)
        self.process.wait(GRACE)
        self._http.clear()
        self._folder.cleanup()

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib3.BaseHTTPResponse:
        """One request as the static token; an empty `token` sends none."""
        shown = self.token if token is None else token
        sent = {"Authorization": f"Bearer {shown}"} if shown else {}
        extra = {} if body is None else {"json": body}
        url = self.base + path
        return self._http.request(
            method, url, headers=sent | dict(headers or {}), redirect=False, **extra
        )

    def get(self, path: str) -> Any:
        """The JSON of a GET that has to succeed."""
        response = self.ask("GET", path)
        if response.status != 200:
            text = response.data.decode(errors="replace")
            raise NotReady(f"GET {path} said {response.status}: {text[:500]}")
        return response.json()

    def state(self) -> dict[str, Any]:
        """What the catalog knows and has still to do; see state.cjs."""
        return dict(self.get("/greenroom/state"))

    def pids(self) -> list[int]:
        """The processes of its group."""
        group = self.process.pid
        return [pid for pid in processes.pids() if processes.group_of(pid) == group]

    def resident(self) -> int:
        """The memory of the group, in bytes."""
        return sum(processes.resident(pid) for pid in self.pids())

    def cpu_seconds(self) -> float:
        """The processor time that the group has used."""
        ticks = sum(cpu_ticks(pid) for pid in self.pids())
        return ticks / os.sysconf("SC_CLK_TCK")

    def lines(self, after: int = 0) -> list[dict[str, Any]]:
        """The log as documents, from a byte on; a bare line becomes a message."""
        with self.log.open("rb") as log:
            log.seek(after)
            return [read_line(line) for line in log.read().decode().splitlines()]

    def last_lines(self, count: int = 25) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-count:])


def read_line(line: str) -> dict[str, Any]:
    """One line of the log."""
    try:
        found = json.loads(line)
    except ValueError:
        return {"message": line}
    return found if isinstance(found, dict) else {"message": line}


def cpu_ticks(pid: int) -> int:
    """User and system time of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])
