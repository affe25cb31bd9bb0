"""The probe engine alone in a process: `python -m tests.benchmarks.engine PLAN`.

PLAN is JSON: port, number, interval, hanging. Orders come by stdin, a line each; every
order is answered with one line of JSON:

    go        spread the due times evenly, and begin
    rest      end the engine
    figures   looks since it began; lags in seconds since they were last asked for
    states    how many probes are in which state, and how many of them rightly
    size      bytes of the database, without its journal
    end       the process ends
"""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from datetime import timedelta
from importlib import import_module
from typing import Any

import django
from django.core.management import call_command
from django.db import connection
from django.utils import timezone


class Noted(deque[float]):
    """The lags as the engine keeps them, and all of them once more."""

    def __init__(self) -> None:
        super().__init__(maxlen=1000)
        self.all: list[float] = []

    def append(self, lag: float) -> None:
        """Keep it twice."""
        super().append(lag)
        self.all.append(lag)


def prepare(plan: dict[str, Any]) -> None:
    """An entity for each target, and the probe that its document declares."""
    entities: Any = import_module("catalog.entities.models")
    source = import_module("catalog.sources.models").Source.objects.create(
        name="bench", provider="folder"
    )
    refs = [f"component:default/node-{n}" for n in range(plan["number"])]
    entities.Identity.objects.bulk_create([entities.Identity(ref=ref) for ref in refs])
    keys = dict(entities.Identity.objects.values_list("ref", "pk"))
    entities.Entity.objects.bulk_create(
        [
            entities.Entity(
                pk=keys[ref],
                ref=ref,
                kind="Component",
                source=source,
                document=json.dumps(document(plan, number)),
            )
            for number, ref in enumerate(refs)
        ]
    )
    import_module("catalog.entities.generation").advance()
    import_module("catalog.probes.syncing").follow()
    # From here on there is nothing new for it.
    models: Any = import_module("catalog.probes.models")
    models.Progress.objects.update(synced_at=timezone.now() + timedelta(hours=1))


def document(plan: dict[str, Any], number: int) -> dict[str, Any]:
    """What declares the probe of a target."""
    every = {"alive": plan["interval"], "metrics": 0, "serving": 0}
    probe = {"type": "vllm", "url": url(plan, number), "every": every}
    return {"kind": "Component", "spec": {"probes": [probe]}}


def url(plan: dict[str, Any], number: int) -> str:
    """The address of a target; each has its own, so that overlaps can be seen."""
    hangs = number < plan["number"] * plan["hanging"]
    delay = "never" if hangs else "0"
    return f"http://127.0.0.1:{plan['port']}/{delay}/{number}"


def align() -> None:
    """Every check at its place in the rhythm, as after running for long."""
    claiming: Any = import_module("catalog.probes.claiming")
    clock: Any = import_module("catalog.probes.clock")
    check: Any = import_module("catalog.probes.models").Check
    now = clock.now()
    rows = [
        (claiming.next_due(key, interval, now), key)
        for key, interval in check.objects.values_list("pk", "interval")
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE probes_check SET due = %s, busy_until = 0 WHERE id = %s", rows
        )


def states() -> dict[str, int]:
    """How many probes are in which state; `right` are those that should be."""
    probe: Any = import_module("catalog.probes.models").Probe
    rows = probe.objects.values_list("url", "state")
    found = Counter(state for _, state in rows)
    right = sum(state == ("down" if "/never/" in url else "up") for url, state in rows)
    return {**found, "right": right}


def size() -> int:
    """Bytes of the database, without its journal."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if not postgres:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
        cursor.execute(
            "SELECT pg_database_size(current_database())"
            if postgres
            else "SELECT page_count * page_size "
            "FROM pragma_page_count(), pragma_page_size()"
        )
        found: int = cursor.fetchone()[0]
    return found


class Service:
    """The orders, and the engine that they are about."""

    def __init__(self) -> None:
        self.engine: Any = None

    def obey(self, order: str) -> dict[str, Any]:
        """Do what a line says."""
        if order == "go":
            align()
            made: Any = import_module("catalog.probes.engine").Engine
            self.engine = made([""])
            self.engine.loop.lags = Noted()
            self.engine.start()
        elif order == "rest":
            self.engine.stop()
        elif order == "figures":
            lags: Noted = self.engine.loop.lags
            # The engine may have begun a new list of its own.
            found, lags.all = lags.all, []
            return {"looks": self.engine.looks, "lags": found}
        elif order == "size":
            return {"bytes": size()}
        elif order == "states":
            return states()
        return {}


def main() -> None:
    """Obey until the end."""
    plan = json.loads(sys.argv[1])
    django.setup()
    call_command("migrate", verbosity=0)
    prepare(plan)
    service = Service()
    print("{}", flush=True)
    for line in sys.stdin:
        if line.strip() == "end":
            return
        print(json.dumps(service.obey(line.strip())), flush=True)


if __name__ == "__main__":
    main()
