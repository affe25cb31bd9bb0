"""The house at rest and a cold page: `python -m tests.benchmarks.house SIZE FOLDER`.

Starts the appliance over the data folder that `pages` filled. Memory is the
proportional set of every process; a real browser with an empty cache loads the page.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests import servers

ROOT = Path(__file__).resolve().parents[2]
REST = 20.0
_TICKS = os.sysconf("SC_CLK_TCK")


def main(size: int, folder: Path) -> None:
    """Print one line of JSON: figure -> value."""
    figures: dict[str, float] = {}
    port = servers.free_port()
    with _appliance(port, figures) as pid:
        for address in ("/login/", "/healthz") * 5:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{address}").read()
        time.sleep(5)
        family = _family(pid)
        before, started = _cpu(family), time.monotonic()
        time.sleep(REST)
        spent = _cpu(family) - before
        figures["at rest, % of a core"] = 100 * spent / (time.monotonic() - started)
        figures |= _cold_page(port)
        figures["memory of all processes, MB"] = sum(map(_memory, _family(pid)))
    print(json.dumps(figures))


@contextlib.contextmanager
def _appliance(port: int, figures: dict[str, float]) -> Iterator[int]:
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "appliance", "--port", str(port)],
        cwd=ROOT,
        stdout=sys.stderr,
        start_new_session=True,
    )
    try:
        _until_ready(port)
        figures["warm start, s"] = time.monotonic() - started
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        stopping = time.monotonic()
        process.wait(20)
        figures["stop, s"] = time.monotonic() - stopping


def _until_ready(port: int) -> None:
    for _ in range(600):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz").read()
            return
        time.sleep(0.05)
    raise SystemExit("the appliance does not answer")


def _family(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += _family(int(child))
    return found


def _cpu(pids: list[int]) -> float:
    """CPU seconds that these processes have spent."""
    total = 0.0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / _TICKS
    return total


def _memory(pid: int) -> float:
    """Proportional set of one process in MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _cold_page(port: int) -> dict[str, float]:
    """Weight and number of requests of the index, as a browser sees it first."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.browser", f"http://127.0.0.1:{port}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
