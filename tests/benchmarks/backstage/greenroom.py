"""Greenroom's side: a real appliance, read by token as Backstage's clients read."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

from tests.appliances import PROJECT, Appliance
from tests.benchmarks.backstage.asking import Door
from tests.benchmarks.backstage.questions import COUNT, FIRST
from tests.benchmarks.backstage.questions import Question as Q
from tests.benchmarks.backstage.side import Place, Side, wait_for

OPENING = "tests.benchmarks.backstage.opening"
EXPORT = "/export/backstage/stock/t/{token}/all.yaml"


class Greenroom(Side):
    """Web, worker and supervisor on a data folder of their own."""

    name = "Greenroom"

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.watched = place.folder / "watched"
        # One account asks far more than the people of a house do.
        variables = {
            "GREENROOM_API_PER_MINUTE": "1000000",
            "DATABASE_URL": place.database,
        }
        output = place.folder / "appliance.log"
        self.house = Appliance(place.folder / "data", output, variables=variables)

    def begin(self) -> None:
        """Start, make the accounts, and wait until the worker has looked once."""
        self.watched.mkdir(parents=True)
        self.stack.enter_context(self.house.ended())
        self.house.start_and_wait()
        found = self._opened()
        self.door = Door(self.house.port, found["reader"])
        self.admin = Door(self.house.port, found["admin"])
        self.export = Q(EXPORT.format(token=found["export"]))
        self.source = Q(f"/api/v1/sources/{found['source']}")
        wait_for(lambda: self._state()["state"] != "never", "a first look", 120)
        self.door.get(COUNT)

    def _opened(self) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", OPENING, str(self.watched)],
            cwd=PROJECT,
            env={
                **self.house.environment(),
                "DJANGO_SETTINGS_MODULE": "portal.settings",
            },
            stdout=subprocess.PIPE,
            check=True,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _state(self) -> dict[str, Any]:
        return dict(json.loads(self.admin.get(self.source)))

    def fill(self) -> None:
        """Put the files where it looks, at once, as a pull does."""
        staged = self.place.folder / "staged"
        shutil.copytree(self.place.catalog / "parts", staged)
        staged.rename(self.watched / "parts")
        wait_for(self._is_full, "the ingest")

    def _is_full(self) -> bool:
        state = self._state()
        if state["reading"] or state["entities"] < self.place.size:
            return False
        counted = json.loads(self.door.get(COUNT))["totalItems"]
        return bool(counted >= self.place.size)

    def start_again(self) -> tuple[float, float]:
        """Stop, start, and ask as soon as there is somebody."""
        assert self.house.process is not None
        self.house.process.send_signal(signal.SIGTERM)
        self.house.status()
        for door in (self.door, self.admin):
            door.close()
        before, began = self.spent_by_database(), time.monotonic()
        self.house.start()
        self.door.first(FIRST)
        return time.monotonic() - began, self.spent() - before

    def root(self) -> int:
        """The supervisor."""
        assert self.house.process is not None
        return self.house.process.pid

    def change(self, number: int) -> None:
        """Apply one entity, so that an export is another than before."""
        text = (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n"
            f"  name: applied\n  description: Turn {number}.\nspec:\n"
            "  type: service\n  lifecycle: production\n  owner: group:default/team-1\n"
        )
        given = Q("/api/v1/apply", text.encode())
        answer = self.admin.ask(given, **{"Content-Type": "application/yaml"})
        answer.read()

    def known(self) -> Door:
        """A door at which everything is asked as by a reader who has it already."""
        answer = self.door.ask(self.export)
        answer.read()
        return replace(self.door, known=answer.getheader("ETag") or "")
