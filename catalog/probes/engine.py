"""The engine of one worker: a loop that asks, and a clerk that claims and writes.

The loop is one thread with the one client; a server that hangs holds one of its tasks
and nothing else. The clerk is one thread with one connection to the database: it takes
what is due, hands it to the loop, and writes down what came back. No queue lies between
them, so a broker that is away stops no probe.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable

from django.db import DatabaseError, close_old_connections, connection

from catalog.http.asking import Client
from catalog.probes import (
    claiming,
    clock,
    heartbeat,
    looks,
    recording,
    sweeping,
    syncing,
)
from catalog.probes.ask import Target
from catalog.probes.look import look
from catalog.probes.messenger import Messenger
from catalog.probes.recording import Result
from catalog.probes.words import SERVING

log = logging.getLogger(__name__)
AHEAD, ROUND = 1000, 0.5
MOST_RUNNING = 1000
MOST_KEPT = 20_000
_FOLLOW, _SWEEP, _BEAT = 2.0, 5.0, 5.0


class Loop:
    """The event loop: takes targets from any thread, gives results to a queue."""

    def __init__(self) -> None:
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.running = 0
        self.lags: deque[float] = deque(maxlen=1000)
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._nodes: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)
        self._thread.start()
        self._ready.wait(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self.client.close())
        self._loop.close()

    async def _open(self) -> None:
        self.client = Client(MOST_RUNNING)

    def submit(self, targets: Iterable[Target]) -> None:
        """Look at these, each at its time."""
        batch = list(targets)
        self.running += len(batch)
        self._loop.call_soon_threadsafe(self._begin, batch)

    def start_look(self, key: int, targets: list[Target]) -> None:
        """Look at these now, one after the other, for somebody who watches."""
        watched = looks.watch(self.client, key, targets, self.results)
        asyncio.run_coroutine_threadsafe(watched, self._loop)

    def _begin(self, batch: list[Target]) -> None:
        for target in batch:
            task = self._loop.create_task(self._look(target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _look(self, target: Target) -> None:
        wait = (target.due - clock.now()) / 1000
        if wait > 0:
            await asyncio.sleep(wait)
        self.lags.append(max(0.0, (clock.now() - target.due) / 1000))
        try:
            if target.level == SERVING:
                # One golden input at a time for a server, whoever declares it.
                async with self._nodes[target.node]:
                    found = await look(self.client, target)
            else:
                found = await look(self.client, target)
            self.results.put(Result(target, found, clock.now()))
        finally:
            self.running -= 1

    def stop(self) -> None:
        """End at once; what is under way is claimed again later."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class Engine:
    """What a worker runs beside its tasks, for the queues that it serves."""

    def __init__(self, queues: Iterable[str], name: str = "") -> None:
        self.queues = tuple(queues)
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.started_at = clock.now()
        self.looks = 0
        self._stop = threading.Event()
        self._kept: list[Result] = []
        self._next: dict[str, float] = {}
        self.loop = Loop()
        self._clerk = threading.Thread(target=self._work, name="clerk", daemon=True)
        # A worker far away looks for others; it may reach no receiver, nor know a key.
        self._messenger = Messenger() if "" in self.queues else None

    def start(self) -> Engine:
        """Begin."""
        self._clerk.start()
        if self._messenger is not None:
            self._messenger.start()
        return self

    def stop(self) -> None:
        """End; what has come back is written down first."""
        self._stop.set()
        if self._messenger is not None:
            self._messenger.stop()
        self._clerk.join(10)
        self.loop.stop()

    def _work(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                close_old_connections()
                self.round()
            except DatabaseError as error:
                log.warning("Probes wait for the database: %s", error)
                connection.close()
                self._stop.wait(2)
            except Exception:
                log.exception("A round of probes failed; trying again.")
                self._stop.wait(2)
            self._stop.wait(max(0.05, ROUND - (time.monotonic() - began)))
        self._finish()

    def _finish(self) -> None:
        try:
            self._write()
            heartbeat.leave(self.name)
        except DatabaseError as error:
            log.warning("The last looks are not written: %s", error)
        finally:
            connection.close()

    def round(self) -> None:
        """One turn of the clerk: write, follow the catalog, sweep, claim, beat."""
        self._write()
        if self._is_time("follow", _FOLLOW):
            syncing.follow()
        if self._is_time("sweep", _SWEEP):
            sweeping.sweep()
        for key, targets in looks.take(self.queues):
            self.loop.start_look(key, targets)
        self._claim()
        if self._is_time("beat", _BEAT):
            self._beat()

    def _is_time(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if self._next.get(what, 0) > now:
            return False
        self._next[what] = now + seconds
        return True

    def _write(self) -> None:
        while not self.loop.results.empty():
            self._kept.append(self.loop.results.get())
        if not self._kept:
            return
        batch = self._kept[: claiming.BATCH * 5]
        recording.record(batch)
        self.looks += len(batch)
        del self._kept[: len(batch)]
        # So many wait only when the database has been away for long.
        del self._kept[:-MOST_KEPT]

    def _claim(self) -> None:
        for _ in range(5):
            room = min(claiming.BATCH, MOST_RUNNING - self.loop.running)
            if room <= 0:
                return
            targets = claiming.claim(self.queues, AHEAD, room)
            self.loop.submit(targets)
            if len(targets) < room:
                return

    def _beat(self) -> None:
        lags = list(self.loop.lags)
        self.loop.lags.clear()
        heartbeat.beat(
            self.name,
            self.queues,
            started_at=self.started_at,
            running=self.loop.running,
            lag=max(lags, default=0.0),
            looks=self.looks,
        )
