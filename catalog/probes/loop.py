"""The event loop of an engine: one thread with the one client, which asks.

A server that hangs holds one task of it and nothing else.
"""

from __future__ import annotations

import asyncio
import queue
import resource
import threading
import time
from collections import deque
from collections.abc import Iterable
from weakref import WeakValueDictionary

from catalog.http.asking import Client
from catalog.probes import clock, looks
from catalog.probes.ask import Log, Target
from catalog.probes.delay import Delay
from catalog.probes.look import longest, look
from catalog.probes.prober import Found
from catalog.probes.recording import Result
from catalog.probes.words import SERVING

_START = 10.0
FILES = 8192
# Milliseconds: a target is handed over that long before its time, at most, and those
# of the same quarter of a second begin together.
AHEAD, TOGETHER = 2000, 250


class Loop:
    """Takes targets from the clerk, gives results to a queue. `lags` are the seconds
    by which looks began late, the newest last. Raises RuntimeError where it cannot
    begin."""

    def __init__(self) -> None:
        self.results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self.lags: deque[float] = deque(maxlen=20_000)
        # Each is written by one thread alone: the clerk's, and the loop's.
        self._given = self._ended = 0
        self._left: list[int] = []
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._nodes: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: dict[asyncio.Task[None], int] = {}
        self._delay = Delay()
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)
        self._thread.start()
        if not self._ready.wait(_START):
            raise RuntimeError(f"The loop of the probes has not begun in {_START} s.")

    @property
    def running(self) -> int:
        """How many targets it has in hand, those that wait for their time included."""
        return self._given - self._ended

    def is_alive(self) -> bool:
        """Does its thread run?"""
        return self._thread.is_alive()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(self._close())
        self._loop.close()

    async def _open(self) -> None:
        _allow_many_files()
        # Not bounded here: who waits for a connection would look like a slow server.
        self.client = Client(connections=0)
        self._watching = asyncio.create_task(self._delay.watch())

    async def _close(self) -> None:
        self._left = list(self._tasks.values())
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.client.close()

    def submit(self, targets: Iterable[Target]) -> None:
        """Look at these, each at its time."""
        batch = list(targets)
        self._given += len(batch)
        self._loop.call_soon_threadsafe(self._begin, batch)

    def start_look(self, key: int, targets: list[Target]) -> None:
        """Look at these now, one after the other, for somebody who watches."""
        watched = looks.watch(self.ask, key, targets, self.results)
        asyncio.run_coroutine_threadsafe(watched, self._loop)

    def _begin(self, batch: list[Target]) -> None:
        for target in batch:
            task = self._loop.create_task(self._look(target))
            self._tasks[task] = target.check
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        self._ended += 1

    async def _look(self, target: Target) -> None:
        # Each waking costs as much as a few looks.
        begins = target.due + -target.due % TOGETHER
        # Never longer than that, should the clock be put back meanwhile.
        wait = min(begins - clock.now(), AHEAD + TOGETHER) / 1000
        if wait > 0:
            await asyncio.sleep(wait)
        self.lags.append(max(0.0, (clock.now() - target.due) / 1000))
        began = time.monotonic()
        found = await self.ask(target)
        if found is not None:
            found = self._delay.fair(found, began)
            self.results.put(Result(target, found, clock.now()))

    async def ask(self, target: Target, say: Log | None = None) -> Found | None:
        """What a target says; None where other golden inputs keep its server for so
        long that the claim would end."""
        if target.level != SERVING:
            return await look(self.client, target, say)
        # One golden input at a time for a server, whoever declares it.
        node = self._nodes.setdefault(target.node, asyncio.Lock())
        try:
            async with asyncio.timeout(longest(target.timeout)):
                await node.acquire()
        except TimeoutError:
            return None
        try:
            return await look(self.client, target, say)
        finally:
            node.release()

    def stop(self) -> list[int]:
        """End at once. Returns the checks that were under way: nobody has looked."""
        if self.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)
        left, self._left = self._left, []
        return left


def _allow_many_files() -> None:
    """Each connection is a file, and 1,024 are usual where many more are allowed."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
