"""The engine of one worker: a loop that asks, and a clerk that claims and writes.

The clerk is one thread with one connection to the database: it takes what is due, hands
it to the loop, and writes down what came back. No queue lies between them, so a broker
that is away stops no probe. A duty of the clerk that fails holds up no other: silence
has to become unknown even where nothing can be written or asked.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable

from django.db import (
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
)

from catalog.probes import (
    claiming,
    clock,
    drift,
    heartbeat,
    looks,
    recording,
    sweeping,
    syncing,
)
from catalog.probes.loop import AHEAD, Loop
from catalog.probes.messenger import Messenger
from catalog.probes.recording import Result

log = logging.getLogger(__name__)
ROUND = 1.0
MOST_RUNNING = 2000
MOST_KEPT = 20_000
WRITTEN = 500
# Many at once cost a fraction of as many alone.
_WRITE, _FOLLOW, _SWEEP, _COMPARE, _BEAT, _LATER = 2.0, 2.0, 5.0, 2.0, 5.0, 10.0
# Milliseconds by which a clock may be set without anything being planned anew.
_SET_BACK = 2000
_COLLECTED = 10_000
_AWAY = (OperationalError, InterfaceError)


class Engine:
    """What a worker runs beside its tasks, for the queues that it serves. `alone` says
    that there is no other: what is claimed when it begins, a dead one has claimed."""

    def __init__(
        self, queues: Iterable[str], name: str = "", *, alone: bool = False
    ) -> None:
        self.queues = tuple(queues)
        self.name = name or f"{socket.gethostname()}:{os.getpid()}"
        self.started_at = clock.now()
        self.looks = 0
        self._stop = threading.Event()
        self._kept: list[Result] = []
        self._next: dict[str, float] = {}
        self._offset: int | None = None
        self._has_followed = False
        self._changed: set[int] = set()
        self._is_to_free = alone
        self.loop = Loop()
        self._clerk = threading.Thread(target=self._work, name="clerk", daemon=True)
        # One worker of several tells people; which, the database decides.
        self._messenger = Messenger() if "" in self.queues else None

    def start(self) -> Engine:
        """Begin."""
        # What is loaded by now stays: the collector need not walk over it for ever. And
        # most of what a look makes goes with its last reference.
        gc.freeze()
        gc.set_threshold(_COLLECTED, *gc.get_threshold()[1:])
        self._clerk.start()
        if self._messenger is not None:
            self._messenger.start()
        return self

    def stop(self) -> None:
        """End; what has come back is written down first, what has not is freed."""
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
            except Exception as error:
                log.warning("Probes wait for the database: %s", error)
                connection.close()
                self._stop.wait(2)
            self._stop.wait(max(0.05, ROUND - (time.monotonic() - began)))
        self._finish()

    def _finish(self) -> None:
        try:
            left = self.loop.stop()
            self._write()
            claiming.release(left)
            heartbeat.leave(self.name)
        except Exception as error:
            log.warning("The last looks are not written: %s", error)
        finally:
            connection.close()

    def round(self) -> None:
        """One turn of the clerk. Raises only where the database is away."""
        self._do("begin the loop anew", 0, self._revive)
        self._do("write looks", _WRITE, self._write)
        self._do("plan anew", 0, self._watch_clock)
        self._do("follow the catalog", _FOLLOW, self._follow)
        self._do("sweep", _SWEEP, self._sweep)
        self._do("compare", _COMPARE, self._compare)
        self._do("take looks by hand", 0, self._take_looks)
        self._do("claim", 0, self._claim)
        self._do("beat", _BEAT, self._beat)

    def _do(self, what: str, seconds: float, duty: Callable[[], object]) -> None:
        """A duty, when its time has come."""
        now = time.monotonic()
        if self._next.get(what, 0) > now:
            return
        self._next[what] = now + seconds
        try:
            duty()
        except _AWAY:
            del self._next[what]
            raise
        except Exception:
            log.exception("The probes cannot %s; trying again in a while.", what)
            self._next[what] = now + _LATER

    def _revive(self) -> None:
        if not self.loop.is_alive():
            log.error("The loop of the probes has ended; another begins.")
            self.loop = Loop()

    def _write(self) -> None:
        while not self.loop.results.empty():
            self._kept.append(self.loop.results.get())
        # So many wait only when the database has been away for long.
        del self._kept[:-MOST_KEPT]
        while self._kept:
            batch = self._kept[:WRITTEN]
            try:
                self._changed |= recording.record(batch)
                del self._kept[: len(batch)]
            except _AWAY:
                raise
            except Exception:
                self._write_each(len(batch))
            self.looks += len(batch)

    def _write_each(self, number: int) -> None:
        """One of these cannot be written: that is no reason to lose the others."""
        for _ in range(number):
            first = self._kept[0]
            try:
                self._changed |= recording.record([first])
            except _AWAY:
                raise
            except Exception:
                log.exception("A look at %s cannot be written.", first.target.ref)
            del self._kept[0]

    def _watch_clock(self) -> None:
        """Plans of before the clock was put back would come true in hours."""
        offset = clock.now() - int(time.monotonic() * 1000)
        if self._offset is None or offset < self._offset - _SET_BACK:
            claiming.plan_anew()
        self._offset = offset

    def _follow(self) -> None:
        # At the start the whole of it: whoever went before may have been killed in the
        # middle, and the demo may have been switched.
        self._changed |= syncing.follow(whole=not self._has_followed)
        self._has_followed = True

    def _sweep(self) -> None:
        self._changed |= sweeping.sweep()

    def _compare(self) -> None:
        """What is declared with what was seen, where a fact has changed."""
        drift.refresh(self._changed)
        self._changed = set()

    def _take_looks(self) -> None:
        for key, targets in looks.take(self.queues):
            self.loop.start_look(key, targets)

    def _claim(self) -> None:
        if self._is_to_free:
            claiming.release_all()
            self._is_to_free = False
        while (room := MOST_RUNNING - self.loop.running) > 0:
            wanted = min(claiming.BATCH, room)
            targets = claiming.claim(self.queues, AHEAD, wanted)
            self.loop.submit(targets)
            if len(targets) < wanted:
                return

    def _beat(self) -> None:
        lags = self.loop.lags
        worst = max((lags.popleft() for _ in range(len(lags))), default=0.0)
        heartbeat.beat(
            self.name,
            self.queues,
            started_at=self.started_at,
            running=self.loop.running,
            lag=worst,
            looks=self.looks,
        )
