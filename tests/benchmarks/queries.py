"""`python -m tests.benchmarks.queries`: what a question costs, with 10,000 entities.

CPU ms of the server, in SQL and Python, medians, beside the limits of the issue; on
SQLite and on PostgreSQL, whose own process counts too. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client, RequestFactory

from tests import servers
from tests.benchmarks import generate

ROOT = Path(__file__).resolve().parents[2]
SIZE, ROUNDS = 10_000, 40
# figure -> limits on SQLite and on PostgreSQL, CPU ms.
LIMITS: dict[str, tuple[float, float]] = {
    "five facets, page of 50": (5, 8),
    "full text, top 20 of about 100": (2, 5),
    "full text, top 20 of most": (15, 20),
    "full text and facets, page of 20": (10, 15),
    "slip in a name": (5, 5),
    "palette": (30, 30),
    "completion of values": (30, 30),
    "query with relations and ages": (30, 30),
    "GET of one entity by token": (0.6, 0.6),
    "apply of one entity": (15, 15),
    "columns after one change": (15, 15),
}


def main() -> None:
    """Both forms, one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", metavar="FOLDER")
    options = parser.parse_args()
    if options.child:
        _measure(Path(options.child))
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        found = [_form(Path(folder) / "sqlite", "")]
        place = Path(folder) / "postgres"
        place.mkdir()
        with servers.postgres(place) as url:
            found.append(_form(Path(folder) / "pg", url))
    print(f"\n{SIZE:,} entities, CPU ms{'SQLite':>20}{'PostgreSQL':>24}")
    for name, limits in LIMITS.items():
        cells = (
            f"{one[name]:.2f} (< {limit:g})"
            for one, limit in zip(found, limits, strict=True)
        )
        print(f"{name:32}" + "".join(f"{cell:>20}" for cell in cells))


def _form(folder: Path, database: str) -> dict[str, float]:
    folder.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "GREENROOM_DATA": f"{folder}/data",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.queries", "--child", str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measure(folder: Path) -> None:
    generate.write(folder / "catalog", SIZE)
    django.setup()
    call_command("prepare", verbosity=0, stdout=sys.stderr)
    adding: Any = import_module("catalog.sources.adding")
    processing: Any = import_module("catalog.sources.processing")
    processing.refresh(adding.add_source(str(folder / "catalog")))
    figures = {name: _median(work) for name, work in _works()}
    name, work, before = _after_a_change()
    figures[name] = _median(work, before)
    print(json.dumps(figures))


def _works() -> Iterator[tuple[str, Callable[[], object]]]:
    """Each question, as its door asks it: the generation is read once for each."""
    read_once: Any = import_module("catalog.entities.generation").read_once
    account = _account()
    for name, work in _questions(account):
        yield name, read_once()(work)
    yield from _by_token(account)


def _questions(account: Any) -> Iterator[tuple[str, Callable[[], object]]]:
    access: Any = import_module("catalog.entities.access")
    search: Any = import_module("catalog.query.search")
    hits: Any = import_module("catalog.query.hits")
    completing: Any = import_module("catalog.query.language.completing")
    asking: Any = import_module("catalog.query.language.asking")
    viewer = access.viewer_of(account)

    def page(text: str, size: int = 20, **filters: list[str]) -> object:
        params = QueryDict(mutable=True)
        params["q"] = text
        for key, values in filters.items():
            params.setlist(key, values)
        asked = search.Search.from_params(params)
        return import_module("dataclasses").replace(asked, size=size).run(viewer)

    five: dict[str, list[str]] = {
        "kind": ["Component", "API"],
        "type": ["service", "agent", "openapi"],
        "lifecycle": ["production"],
        "tier": ["critical", "important"],
        "owner": ["group:default/team-1", "group:default/team-2"],
    }
    yield "five facets, page of 50", lambda: page("", 50, **five)
    yield "full text, top 20 of about 100", lambda: hits.find("area-77", viewer, 20)
    yield "full text, top 20 of most", lambda: hits.find("a", viewer, 20)
    yield "full text and facets, page of 20", lambda: page("area-77")
    yield "slip in a name", lambda: asking.ask("servise", viewer)
    yield "palette", lambda: hits.find("serv", viewer)
    yield "completion of values", lambda: completing.complete("owner:te", 8, viewer)
    mixed = "kind:component dependsOn>2 changed.age<30d -tag:x owner:team-1"
    yield "query with relations and ages", lambda: asking.ask(mixed, viewer)


def _account() -> Any:
    models: Any = import_module("portal.accounts.models")
    return models.Account.objects.create_user(
        "bench", entity_ref="user:default/person-1", role="editor"
    )


def _by_token(account: Any) -> Iterator[tuple[str, Callable[[], object]]]:
    tokens: Any = import_module("portal.accounts.tokens")
    _, text = tokens.make(account, "bench", "write", 0)
    client = Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {text}"})

    application: Any = import_module("portal.wsgi").application
    environ = RequestFactory().get("/api/v1/entities/component/default/service-7")
    given = {**environ.META, "HTTP_HOST": "localhost"}
    given["HTTP_AUTHORIZATION"] = f"Bearer {text}"
    limits: Any = import_module("portal.api.limits")

    def get() -> None:
        limits.LIMIT.most = 10**9
        told: list[str] = []
        parts = application({**given}, lambda status, headers: told.append(status))
        assert told == ["200 OK"] and b"service-7" in b"".join(parts), told

    number = iter(range(1_000_000))

    def apply() -> None:
        body = (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n"
            f"  name: applied\n  description: Turn {next(number)}.\nspec:\n"
            "  type: service\n  lifecycle: production\n  owner: group:default/team-1\n"
        )
        answer = client.post("/api/v1/apply", body, content_type="application/yaml")
        assert answer.json()["refused"] == 0, answer.content

    yield "GET of one entity by token", get
    yield "apply of one entity", apply


def _after_a_change() -> tuple[str, Callable[[], object], Callable[[], object]]:
    """The columns, and a change before: another title, so that others move."""
    columns: Any = import_module("catalog.query.columns")
    processing: Any = import_module("catalog.sources.processing")
    number = iter(range(1_000_000))

    def change() -> None:
        turn = next(number)
        text = (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n"
            f"  name: turned\n  title: {turn * 7 % 10} of them\n"
            f"  tags: [turn-{turn % 3}]\nspec:\n  type: service\n"
            "  lifecycle: production\n  owner: group:default/team-1\n"
        )
        assert processing.declare(text, door="bench").refused == 0

    return "columns after one change", columns.current, change


def _median(
    work: Callable[[], object], before: Callable[[], object] = lambda: None
) -> float:
    """CPU ms of one call, of this process and of the database's for it, after one call
    that fills what is kept for a generation. What is done `before` each is not
    counted."""
    before()
    work()
    times, beside, backends = [], 0.0, _backend()
    for _ in range(ROUNDS):
        before()
        former, began = backends(), time.process_time()
        work()
        times.append(time.process_time() - began)
        beside += backends() - former
    return statistics.median(times) * 1000 + beside / ROUNDS * 1000


def _backend() -> Callable[[], float]:
    """What tells the CPU seconds of the database's process for this connection."""
    connection: Any = import_module("django.db").connection
    if connection.vendor != "postgresql":
        return lambda: 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    spent = Path(f"/proc/{pid}/schedstat")
    return lambda: int(spent.read_text().split()[0]) / 1e9


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
