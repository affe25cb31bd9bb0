"""`python -m tests.benchmarks.probes`: what a probe costs, and how many can be had.

    (nothing)     CPU per probe of the whole engine beside blackbox_exporter, the same
                  targets and pace, in turn; on SQLite and on PostgreSQL
    --soak        1,000 targets every 30 s, 5 % of them hanging, for --minutes
    --largest     the most targets every 30 s of which the latest look is < 2 s late

CPU is that of the engine's own process and of blackbox's own. Nothing is asserted:
figures are for people.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import servers
from tests.benchmarks import blackbox, procfs

ROOT = Path(__file__).resolve().parents[2]
GOAL, LATE = 0.8, 2.0
# Once around, so that first sights and the comparison at the start are over.
WARM, BRIEF = 32.0, 4.0
# Until every target has been asked, and a row about each is there.
BEGINNING = 35.0


@dataclass
class Child:
    """The engine in its process, and the orders it takes."""

    process: subprocess.Popen[str]
    folder: Path

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    def order(self, word: str) -> dict[str, Any]:
        """Give an order and wait for the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the engine's process has ended")
        found: dict[str, Any] = json.loads(line)
        return found


@contextlib.contextmanager
def engine(
    port: int,
    number: int,
    *,
    interval: int = 30,
    hanging: float = 0.0,
    database: str = "",
) -> Iterator[Child]:
    """An engine with so many targets at the server on a port, not yet begun."""
    plan = {
        "port": port,
        "number": number,
        "interval": interval,
        "hanging": hanging,
    }
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "GREENROOM_DATA": f"{folder}/data",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": database,
        }
        Path(folder, "data").mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.engine", json.dumps(plan)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        child = Child(process, Path(folder, "data"))
        try:
            child.answer()
            yield child
        finally:
            process.terminate()
            process.wait(20)


@contextlib.contextmanager
def target() -> Iterator[int]:
    """The server that is probed, in a process of its own: its port."""
    port = servers.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.probed", str(port)], cwd=ROOT
    )
    try:
        servers.wait_until(lambda: servers.answers(port), "the start of the target")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def compare(number: int, interval: int, rounds: int, seconds: float) -> None:
    """Engine and blackbox in turn, at the same pace."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        database = stack.enter_context(servers.postgres(folder))
        port = stack.enter_context(target())
        engines = {
            name: stack.enter_context(
                engine(port, number, interval=interval, database=url)
            )
            for name, url in (("SQLite", ""), ("PostgreSQL", database))
        }
        box = stack.enter_context(blackbox.started(folder))
        costs: dict[str, list[float]] = {name: [] for name in ("blackbox", *engines)}
        for number_of_round in range(rounds):
            print(f"round {number_of_round + 1} of {rounds} …", file=sys.stderr)
            costs["blackbox"].append(_box(box, port, number, interval, seconds))
            for name, child in engines.items():
                costs[name].append(_turn(child, seconds))
        _print_costs(costs, number, interval)


def _box(
    box: tuple[int, int], port: int, number: int, interval: int, seconds: float
) -> float:
    """CPU ms per probe of blackbox in one turn."""
    pid, its_port = box
    urls = [f"http://127.0.0.1:{port}/0/{n}/health" for n in range(number)]
    pace = number / interval
    asyncio.run(blackbox.drive(its_port, urls, pace, BRIEF))
    before = procfs.cpu([pid])
    well = asyncio.run(blackbox.drive(its_port, urls, pace, seconds))
    return 1000 * (procfs.cpu([pid]) - before) / well


def _turn(child: Child, seconds: float) -> float:
    """CPU ms per probe of the engine in one turn."""
    child.order("go")
    time.sleep(WARM)
    looks, before = child.order("figures")["looks"], procfs.cpu([child.pid])
    time.sleep(seconds)
    spent = procfs.cpu([child.pid]) - before
    done: int = child.order("figures")["looks"] - looks
    child.order("rest")
    return 1000 * spent / done


def _print_costs(costs: dict[str, list[float]], number: int, interval: int) -> None:
    print(f"\n{number:,} targets every {interval} s, CPU ms per probe")
    box = statistics.median(costs["blackbox"])
    for name, found in costs.items():
        middle = statistics.median(found)
        line = f"{name:12} {middle:6.2f}   ({min(found):.2f} to {max(found):.2f})"
        if name != "blackbox":
            line += f"   {middle / box:.2f} of blackbox (goal {GOAL})"
        print(line)


def soak(number: int, minutes: float, database: str) -> None:
    """Many targets for long, some of them hanging."""
    with (
        target() as port,
        engine(port, number, hanging=0.05, database=database) as child,
    ):
        child.order("go")
        time.sleep(BEGINNING)
        child.order("figures")
        size = child.order("size")["bytes"]
        began, spent, lags = time.monotonic(), procfs.cpu([child.pid]), []
        memory: list[tuple[float, float]] = []
        while (passed := time.monotonic() - began) < minutes * 60:
            time.sleep(5)
            lags += child.order("figures")["lags"]
            memory.append((passed / 60, procfs.memory(child.pid)))
        spent = (procfs.cpu([child.pid]) - spent) / (time.monotonic() - began)
        states, seen = child.order("states"), _seen(port)
        child.order("rest")
        grown = (child.order("size")["bytes"] - size) / minutes * 24 * 60
    print(f"\n{number:,} targets every 30 s, 5 % hanging, {minutes:g} minutes")
    print(f"looks              {len(lags):,}")
    print(f"lag, s             {_lags(lags)} (limit {LATE:g})")
    print(f"CPU, % of a core   {100 * spent:.1f}")
    print(
        f"memory, MB (PSS)   {_at(memory, 2):.1f} at 2 min, {memory[-1][1]:.1f} at end"
    )
    print(f"states             {states['right']:,} right: {states}")
    print(f"overlapping        {seen['overlaps']} of {seen['requests']:,} requests")
    print(f"database           {grown / 1e6:,.0f} MB a day; samples stay two days")


def _lags(lags: list[float]) -> str:
    cuts = statistics.quantiles(lags, n=100)
    return f"p50 {cuts[49]:.3f}, p99 {cuts[98]:.3f}, most {max(lags):.3f}"


def _at(memory: list[tuple[float, float]], minute: float) -> float:
    return min(memory, key=lambda known: abs(known[0] - minute))[1]


def _seen(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/!/figures") as answer:
        found: dict[str, int] = json.load(answer)
    return found


def largest(database: str) -> None:
    """Double until it does not hold, then look between."""
    holds, breaks = 0, 0
    number = 2000
    while not breaks or breaks - holds > max(1000, holds // 8):
        worst = _holds(number, database)
        print(f"{number:>8,} targets: at most {worst:.2f} s late", flush=True)
        if worst < LATE:
            holds = number
        else:
            breaks = number
        number = 2 * holds if not breaks else (holds + breaks) // 2
    print(f"the most that hold: {holds:,} targets every 30 s (lag < {LATE:g} s)")


def _holds(number: int, database: str) -> float:
    """The latest look of a short run, in seconds."""
    with (
        target() as port,
        engine(port, number, hanging=0.05, database=database) as child,
    ):
        child.order("go")
        time.sleep(20)
        child.order("figures")
        time.sleep(40)
        found = child.order("figures")["lags"]
        # What was never begun is late as well.
        missing = number / 30 * 40 - len(found)
        worst: float = max(found, default=LATE)
        return worst + (LATE if missing > number / 30 * LATE else 0)


@contextlib.contextmanager
def _database(name: str) -> Iterator[str]:
    if name == "sqlite":
        yield ""
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        with servers.postgres(Path(folder)) as url:
            yield url


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soak", action="store_true")
    parser.add_argument("--largest", action="store_true")
    parser.add_argument("--on", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--targets", type=int, default=1000)
    parser.add_argument("--interval", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    if not (options.soak or options.largest):
        compare(options.targets, options.interval, options.rounds, options.seconds)
        return
    with _database(options.on) as database:
        if options.soak:
            soak(options.targets, options.minutes, database)
        if options.largest:
            largest(database)


if __name__ == "__main__":
    main()
