"""The truth table: each fault at each real server, and how soon it is found.

`python -m tests.nodes truth [--saturate MINUTES] [NAME…]`. Several servers are watched
by one appliance at the same time, each in a thread of its own; vLLM one at a time.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.nodes import asking
from tests.nodes.processes import Node
from tests.nodes.record import answer
from tests.nodes.servers import SERVERS, started
from tests.nodes.watched import DECLARED, Belief, Watching
from tests.servers import free_port

SOON, STALLED, SPEECH = 120.0, 60.0, 360.0
RECOVERS = 400.0
KEY = "key-of-the-truth-table"
GENERATES = {"vllm-chat"}
KEYED = {"vllm-chat", "infinity", "llama-cpp-python", "llama-server", "litellm"}


@dataclass
class Row:
    """One fault at one server: how soon it was found, and as what."""

    server: str
    fault: str
    limit: float
    seconds: float | None
    state: str
    error: str
    detail: str

    @property
    def is_good(self) -> bool:
        """Found, and in time?"""
        return self.seconds is not None and self.seconds <= self.limit


class Table:
    """What was found so far, printed as it comes."""

    def __init__(self, file: Path) -> None:
        self.rows: list[Row] = []
        self._file, self._lock = file, threading.Lock()

    def add(self, row: Row) -> None:
        """A result; it is kept at once."""
        with self._lock:
            self.rows.append(row)
            mark = "ok  " if row.is_good else "MISS"
            took = "never" if row.seconds is None else f"{row.seconds:.0f} s"
            print(
                f"{mark} {row.server:17} {row.fault:18} {took:>6} (limit "
                f"{row.limit:.0f} s) {row.state} {row.error}: {row.detail[:90]}",
                flush=True,
            )
            self._file.write_text(json.dumps([asdict(r) for r in self.rows], indent=1))


class Trial:
    """One server and everything that is done to it."""

    def __init__(self, name: str, watching: Watching, table: Table) -> None:
        self.name, self.watching, self.table = name, watching, table
        self.port = free_port()
        self.soon = SPEECH if name in ("vllm-whisper", "wyoming") else SOON

    def declare(self, node: Node | None = None, **more: Any) -> None:
        """Declare the probe, with what is special for now."""
        scheme = "tcp" if self.name == "wyoming" else "http"
        probe = {**DECLARED[self.name], "url": f"{scheme}://127.0.0.1:{self.port}"}
        model = node.model if node else ""
        if model and self.name not in ("wyoming", "llama-cpp-python"):
            probe["model"] = model
        self.watching.declare(self.name, {**probe, **more})

    def measure(self, fault: str, limit: float, true: Callable[[Belief], bool]) -> None:
        """How soon is this believed?"""
        took, belief = self.watching.wait(self.name, true, limit + 60)
        self.table.add(
            Row(
                self.name, fault, limit, took, belief.state, belief.error, belief.detail
            )
        )

    def recovers(self) -> None:
        """Wait until it is believed to be well again."""
        self.watching.wait(self.name, is_well, RECOVERS)

    def run(self, upstream: Node | None, saturate: float) -> None:
        """All faults, one after the other."""
        self.declare()
        self.measure("not started", self.soon, is_down)
        with started(self.name, port=self.port, upstream=upstream) as node:
            self.declare(node)
            self.measure("up", self.soon, is_well)
            self._frozen(node)
            self._wrong_model(node)
            if saturate and self.name in GENERATES:
                self._saturated(node, saturate)
            node.kill("engine")
            self.measure("engine killed", SOON, is_down)
        if self.name in KEYED:
            self._key_needed(upstream)

    def _frozen(self, node: Node) -> None:
        node.freeze()
        self.measure("frozen idle", self.soon, is_down)
        node.thaw()
        self.recovers()
        if self.name in GENERATES:
            with flood(node):
                time.sleep(20)
                node.freeze()
                self.measure("frozen under load", STALLED, is_down)
                node.thaw()
            self.recovers()

    def _wrong_model(self, node: Node) -> None:
        if self.name == "wyoming":
            return
        self.declare(node, model="a-model-that-nobody-serves")
        self.measure("wrong model", self.soon, lambda b: b.error == "wrong-model")
        self.declare(node)
        self.recovers()

    def _saturated(self, node: Node, minutes: float) -> None:
        began = time.time()
        busy: list[str] = []
        with flood(node):
            while time.time() < began + minutes * 60:
                time.sleep(5)
                busy.append(self.watching.belief(self.name).state)
        downs = self.watching.downs(self.name, began)
        seen = ", ".join(f"{s} {busy.count(s)}" for s in sorted(set(busy)))
        self.table.add(
            Row(
                self.name,
                f"saturated {minutes:g} min",
                0.0,
                None if downs else 0.0,
                f"{len(downs)} false down",
                "",
                f"looked every 5 s: {seen}. {' '.join(downs)}",
            )
        )
        self.recovers()

    def _key_needed(self, upstream: Node | None) -> None:
        with started(self.name, port=self.port, key=KEY, upstream=upstream) as node:
            self.declare(node)
            # LiteLLM says 500 to who has no key: that is told, and not called wrong.
            known = ("key-wrong", "no-key")
            self.measure("key needed", SOON, lambda b: b.error in known)


def is_down(belief: Belief) -> bool:
    """Is it called down?"""
    return belief.state == "down"


def is_well(belief: Belief) -> bool:
    """Is it called up or busy?"""
    return belief.state in ("up", "busy")


@contextlib.contextmanager
def flood(node: Node, workers: int = 8) -> Iterator[None]:
    """Keep a server busier than it can be, until the end of the block."""
    over = threading.Event()
    request = asking.long_completion(node)

    def ask() -> None:
        while not over.is_set():
            with contextlib.suppress(Exception):
                answer(node.url, request, 60.0)

    threads = [threading.Thread(target=ask, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()


def main(names: list[str], saturate: float, out: Path) -> int:
    """Run the trials; the exit status is 1 when something was found too late."""
    table = Table(out)
    with tempfile.TemporaryDirectory(prefix="greenroom-truth-") as name:
        watching = Watching(Path(name))
        with watching.appliance.ended():
            watching.start()
            threads = [
                threading.Thread(
                    target=run_all, args=(group, watching, table, saturate)
                )
                for group in grouped(names)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    missed = [row for row in table.rows if not row.is_good]
    print(f"{len(table.rows)} trials, {len(missed)} missed.")
    return 1 if missed or not table.rows else 0


def grouped(names: list[str]) -> list[list[str]]:
    """What runs beside each other: the vLLMs in one row, because of their memory."""
    large = [name for name in names if name.startswith("vllm")]
    small = [[name] for name in names if not name.startswith("vllm")]
    return [group for group in [large, *small] if group]


def run_all(
    names: list[str], watching: Watching, table: Table, saturate: float
) -> None:
    """The servers of one row, each with its upstream where it needs one."""
    for name in names:
        try:
            with upstream_of(name) as upstream:
                Trial(name, watching, table).run(upstream, saturate)
        except Exception:
            table.add(
                Row(name, "the trial failed", 0, None, "", "", traceback.format_exc())
            )


@contextlib.contextmanager
def upstream_of(name: str) -> Iterator[Node | None]:
    """LiteLLM stands in front of something: the smallest chat server that is there."""
    if name != "litellm":
        yield None
        return
    small = SERVERS["llama-cpp-python"].venv.is_installed()
    with started("llama-cpp-python" if small else "vllm-chat") as node:
        yield node
