"""Import and pages in one process: `python -m tests.benchmarks.pages SIZE FOLDER`."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.benchmarks import generate

ROUNDS = 40


def main(size: int, folder: Path) -> None:
    """Print one line of JSON: figure -> value."""
    figures: dict[str, float] = {}
    generate.write(folder / "catalog", size)
    django.setup()
    call_command("prepare", verbosity=0, stdout=sys.stderr)
    _measure_import(folder / "catalog", figures)
    client = _signed_in()
    pages = {
        "index page": "/catalog/",
        "filtered index page": "/catalog/?type=service&lifecycle=production&page=2",
        "full text page": "/catalog/?q=area-7",
        "entity page": "/catalog/default/component/service-7/",
        "dependencies page": "/catalog/default/component/service-7/dependencies/",
        "home": "/",
    }
    for name, address in pages.items():
        figures |= _measure_page(client, name, address)
    print(json.dumps(figures))


def _measure_import(folder: Path, figures: dict[str, float]) -> None:
    processing: Any = import_module("catalog.sources.processing")
    adding: Any = import_module("catalog.sources.adding")
    source = adding.add_source(str(folder))
    for name in ("import", "unchanged re-import"):
        cpu, wall = _timed(lambda: processing.refresh(source))
        figures[f"{name}, CPU s"], figures[f"{name}, wall s"] = cpu, wall


def _signed_in() -> Client:
    """A viewer without special rights, so that visibility is part of every figure."""
    account = get_user_model().objects.create_user(
        "bench", entity_ref="user:default/person-1", role="viewer"
    )
    client = Client(HTTP_HOST="localhost")
    client.force_login(account)
    return client


def _measure_page(client: Client, name: str, address: str) -> dict[str, float]:
    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")

    ask()
    with CaptureQueriesContext(connection) as queries:
        ask()
        # Now: the next request empties the log.
        number = len(queries)
    times = [_timed(ask)[0] for _ in range(ROUNDS)]
    return {
        f"{name}, CPU ms": statistics.median(times) * 1000,
        f"{name}, queries": number,
    }


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
