"""The house at rest and a cold page: `python -m tests.benchmarks.house SIZE FOLDER`.

Starts the appliance over the data folder that `pages` filled. Memory is the
proportional set of every process; a real browser with an empty cache loads the page.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.benchmarks import procfs

ROOT = Path(__file__).resolve().parents[2]
REST = 20.0


def main(size: int, folder: Path) -> None:
    """Print one line of JSON: figure -> value."""
    figures: dict[str, float] = {}
    port = servers.free_port()
    with _appliance(port, figures) as pid:
        for address in ("/login/", "/healthz") * 5:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{address}").read()
        time.sleep(5)
        family = procfs.family(pid)
        before, started = procfs.cpu(family), time.monotonic()
        time.sleep(REST)
        spent = procfs.cpu(family) - before
        figures["at rest, % of a core"] = 100 * spent / (time.monotonic() - started)
        figures |= _cold_page(port)
        figures["memory of all processes, MB"] = sum(
            map(procfs.memory, procfs.family(pid))
        )
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
