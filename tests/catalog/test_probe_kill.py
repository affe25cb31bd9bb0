"""kill -9 while it probes: nothing stays wrong, nothing is lost, nothing asked twice.

Both forms: the embedded one, and PostgreSQL with Redis and two workers. Slow: about two
minutes each, because states are judged by intervals.
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
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests import servers
from tests.appliances import PROJECT, Appliance

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("kill")]
NUMBER, INTERVAL, TIMEOUT = 40, 5, 1
STALE = 3 * INTERVAL + TIMEOUT
# Claiming, writing and sweeping come in rounds of their own.
ROUNDS = 8
START = 120
LOOK = """
import json
from collections import Counter
from catalog.probes import clock
from catalog.probes.models import Check, Probe, Status, Transition, Worker
from catalog.probes.states import believed
now = clock.now()
rows = list(Check.objects.all())
print("SEEN", json.dumps({
    "shown": Counter(believed(s, now).state for s in Status.objects.all()),
    "kept": Counter(Probe.objects.values_list("state", flat=True)),
    "oldest": max(((now - row.at) / 1000 for row in rows), default=0),
    "overdue": max(((now - row.due) / 1000 for row in rows), default=0),
    "transitions": Transition.objects.count(),
    "workers": Worker.objects.count(),
    "begun": max((w.started_at / 1000 for w in Worker.objects.all()), default=0),
}))
"""


NOTHING = '{"shown": {}, "workers": 0, "begun": 0}'


@dataclass
class Target:
    """The server that is probed."""

    port: int

    def say(self, what: str) -> dict[str, Any]:
        """Ask its control address."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/!/{what}") as reply:
            found: dict[str, Any] = json.load(reply)
        return found


@pytest.fixture
def target() -> Iterator[Target]:
    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.probed", str(port)], cwd=PROJECT
    )
    try:
        servers.wait_until(lambda: servers.answers(port), "the start of the target")
        yield Target(port)
    finally:
        process.kill()
        process.wait()


def catalog(folder: Path, target: Target) -> Path:
    """Components that are asked often; each answer takes a third of a second."""
    folder.mkdir()
    texts = []
    for number in range(NUMBER):
        every = {"alive": INTERVAL, "metrics": 0, "serving": 0}
        probe = {
            "type": "vllm",
            "url": f"http://127.0.0.1:{target.port}/300/{number}",
            "every": every,
            "timeout": TIMEOUT,
        }
        document = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": {"name": f"node-{number}"},
            "spec": {
                "type": "service",
                "lifecycle": "production",
                "owner": "group:nobody",
                "probes": [probe],
            },
        }
        texts.append(json.dumps(document))
    (folder / "nodes.yaml").write_text("\n---\n".join(texts), "utf-8")
    return folder


def look(house: Appliance) -> dict[str, Any]:
    """What the database says, and what people are shown."""
    said = house.manage("shell", "-c", LOOK)
    # A test that asks for what is not there any more must not look like an early start.
    assert "ImportError" not in said.stderr, said.stderr
    line = next((x for x in said.stdout.splitlines() if x.startswith("SEEN")), "")
    # Before the first migration there is nothing to be seen.
    found: dict[str, Any] = json.loads(line.removeprefix("SEEN ") or NOTHING)
    return found


def soon(house: Appliance, true: Callable[[dict[str, Any]], bool], limit: float):
    """Wait until it is so, at most that many seconds; what is seen then."""
    end = time.monotonic() + limit
    while not true(seen := look(house)):
        assert time.monotonic() < end, f"not within {limit:.0f} s: {seen}"
    return seen


def all_are(state: str) -> Callable[[dict[str, Any]], bool]:
    """Is every entity shown in this state?"""
    return lambda seen: seen["shown"] == {state: NUMBER}


def has_begun(after: float) -> Callable[[dict[str, Any]], bool]:
    """Is there a worker that began after a moment?"""
    return lambda seen: seen["begun"] > after


def kill(pid: int) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)


def test_a_kill_of_any_part_leaves_nothing_wrong(
    appliance: Appliance, target: Target, tmp_path: Path
) -> None:
    folder = catalog(tmp_path / "nodes", target)
    appliance.start("--catalog", str(folder))
    soon(appliance, all_are("up"), START)
    # The truth changes with the kill: what stands there afterwards is a new look.
    for part, status, state in (
        ("celery", 500, "down"),
        ("granian", 200, "up"),
        ("celery", 500, "down"),
    ):
        target.say(f"status/{status}")
        began = time.time()
        kill(appliance.child(part))
        if part == "celery":
            soon(appliance, has_begun(began), START)
        # Three bad looks, five seconds apart, come on top of the two intervals.
        soon(appliance, all_are(state), 4 * INTERVAL + TIMEOUT + ROUNDS)
    soon(appliance, lambda _: bool(appliance.readiness()), START)
    time.sleep(2 * INTERVAL)
    seen = look(appliance)
    assert seen["oldest"] < 2 * INTERVAL + TIMEOUT, "a check is asked no more"
    assert seen["overdue"] < INTERVAL, "a check is claimed for ever"


@dataclass
class Worker:
    """A worker of the scaled form."""

    process: subprocess.Popen[bytes]

    def end(self, how: int = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait()


@pytest.fixture
def scaled(tmp_path: Path) -> Iterator[tuple[Appliance, Callable[[], Worker]]]:
    """PostgreSQL and Redis, and as many workers as are started."""
    with ExitStack() as stack:
        # Not below pytest's own folder, which only its user may enter.
        folder = Path(stack.enter_context(TemporaryDirectory()))
        try:
            database = stack.enter_context(servers.postgres(folder))
            broker = stack.enter_context(servers.redis(folder))
        except servers.MissingServer as missing:
            pytest.skip(str(missing))
        house = Appliance(tmp_path / "data", tmp_path / "output")
        house.variables = {"DATABASE_URL": database, "BROKER_URL": broker}
        stack.enter_context(house.ended())

        def start() -> Worker:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "worker"],
                cwd=PROJECT,
                env=house.environment(),
                stdout=subprocess.DEVNULL,
                stderr=house.output.open("ab"),
                start_new_session=True,
            )
            worker = Worker(process)
            stack.callback(worker.end)
            return worker

        yield house, start


def test_two_workers_ask_nothing_twice_and_one_takes_over(
    scaled: tuple[Appliance, Callable[[], Worker]], target: Target, tmp_path: Path
) -> None:
    house, start = scaled
    assert house.manage("prepare").returncode == 0
    folder = catalog(tmp_path / "nodes", target)
    done = house.manage("import", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    first, second = start(), start()
    soon(house, lambda seen: seen["workers"] == 2 and all_are("up")(seen), START)
    time.sleep(4 * INTERVAL)
    figures = target.say("figures")
    assert figures["asked"] == NUMBER and figures["overlaps"] == 0
    target.say("status/500")
    first.end()
    soon(house, all_are("down"), 4 * INTERVAL + STALE)
    assert target.say("figures")["overlaps"] == 0
    target.say("status/200")
    soon(house, all_are("up"), 2 * INTERVAL + ROUNDS)
    second.end()
    soon(house, all_are("unknown"), STALE + 2)
    start()
    soon(house, all_are("up"), 2 * INTERVAL + STALE)
    assert target.say("figures")["overlaps"] == 0


def test_a_broker_that_is_gone_stops_no_probe(target: Target, tmp_path: Path) -> None:
    with TemporaryDirectory() as name, servers.postgres(Path(name)) as database:
        folder = Path(name)
        with servers.redis(folder) as broker:
            house = Appliance(tmp_path / "data", tmp_path / "output")
            house.variables = {"DATABASE_URL": database, "BROKER_URL": broker}
            with house.ended():
                house.start("--catalog", str(catalog(tmp_path / "n", target)))
                soon(house, all_are("up"), START)
                redis = servers_pid(broker)
                kill(redis)
                target.say("status/500")
                soon(house, all_are("down"), 4 * INTERVAL + TIMEOUT + ROUNDS)


def servers_pid(broker: str) -> int:
    """The process that listens at the port of a broker's URL."""
    port = broker.rpartition(":")[2].partition("/")[0]
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_bytes()
            if b"redis-server" in line and port.encode() in line:
                return int(folder.name)
    return 0
