"""Backstage's side: a real catalog backend, as tests/backstage starts it.

In its favour: SQLite in memory, no search plugin, nothing processed again meanwhile,
and what serves the files to it is not counted.
"""

from __future__ import annotations

import time

from tests.backstage import serving
from tests.backstage.backend import Backstage as Backend
from tests.backstage.configuring import Settings
from tests.benchmarks.backstage.asking import Door, NoAnswer
from tests.benchmarks.backstage.questions import FIRST
from tests.benchmarks.backstage.side import Place, Side, wait_for

HOUR = 3600.0
# The Location that was registered, and the one that Backstage makes of it.
LOCATIONS = 2


class Backstage(Side):
    """One Node process."""

    name = "Backstage"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.settings = Settings(
            database=place.database, interval=HOUR, search=False, prefix="kept_"
        )
        self.running: Backend | None = None

    def begin(self) -> None:
        """Start, and wait for the first answer."""
        self._start(self.settings)
        self.stack.callback(self._stop)

    def _start(self, settings: Settings) -> None:
        self.running = Backend(settings).__enter__()
        self.door = Door(self.running.port, self.running.token)
        self.door.first(FIRST)

    def _stop(self) -> None:
        if self.running is not None:
            self.door.close()
            self.running.stop()
            self.running = None

    def fill(self) -> None:
        """Register the catalog, and wait until all of it is processed and stitched."""
        running = self._living()
        with serving.folder(self.place.catalog) as address:
            target = {"type": "url", "target": f"{address}/catalog-info.yaml"}
            answer = running.ask("POST", "/api/catalog/locations", target)
            if answer.status != 201:
                raise NoAnswer(f"the catalog was not registered: {answer.status}")
            wait_for(self._is_full, "the ingest")

    def _is_full(self) -> bool:
        state = self._living().state()
        served = state["served"] >= self.place.size + LOCATIONS
        return bool(served) and not state["unprocessed"] and not state["stitching"]

    def start_again(self) -> tuple[float, float]:
        """Stop and start on what was kept; on SQLite that is an empty catalog in a
        file, because the one in memory is gone."""
        settings = self.settings
        if not self.place.database:
            kept = self.place.folder / "files"
            settings = Settings(interval=HOUR, search=False, folder=str(kept))
            if not kept.exists():
                kept.mkdir()
                self._stop()
                self._start(settings)
        self._stop()
        before, began = self.spent_by_database(), time.monotonic()
        self._start(settings)
        return time.monotonic() - began, self.spent() - before

    def root(self) -> int:
        """Node."""
        return self._living().process.pid

    def _living(self) -> Backend:
        if self.running is None:
            raise NoAnswer("it is not running")
        return self.running
