"""One size on one database: both filled, asked in turn, weighed, started again."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from tests import servers
from tests.benchmarks import generate
from tests.benchmarks.backstage.asking import Door
from tests.benchmarks.backstage.backstage import Backstage
from tests.benchmarks.backstage.greenroom import Greenroom
from tests.benchmarks.backstage.questions import Question, gist, questions
from tests.benchmarks.backstage.side import Place, Side

INGEST, INGEST_WALL = "ingest, CPU s", "ingest, wall s"
IDLE, FULL = "memory, empty, MB", "memory, filled and asked, MB"
STORE = "memory of PostgreSQL then, MB"
START, START_WALL = "warm start to first answer, CPU s", "warm start, wall s"
EXPORT, SAME = "export of all, CPU s", "export unchanged (304), CPU ms"
REQUEST = ", CPU ms"
# A block lasts so many CPU seconds, within these numbers of requests.
BLOCK, FEWEST, MOST = 0.3, 10, 600
WARM_WALL, WARM = 2.0, 300
REST, EXPORTS, UNCHANGED = 5.0, 3, 100
ROOT = """\
apiVersion: backstage.io/v1alpha1
kind: Location
metadata: {name: benchmark}
spec:
  targets:
"""
Say = Callable[[str], None]


@dataclass
class Book:
    """What was measured: row and side to its values, and to the database's part of
    them; `notes` are about answers, `whys` about what could not be run."""

    size: int
    database: str
    values: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    parts: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    whys: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, row: str, side: Side, value: float) -> None:
        """One more value."""
        self.values.setdefault((row, side.name), []).append(value)

    @contextlib.contextmanager
    def spending(self, row: str, side: Side, number: float = 1) -> Iterator[None]:
        """One more value: the CPU that is spent within, for each of so many."""
        before, stored = side.spent(), side.spent_by_database()
        yield
        self.add(row, side, (side.spent() - before) / number)
        if side.place.database_pid:
            part = (side.spent_by_database() - stored) / number
            self.parts.setdefault((row, side.name), []).append(part)


@dataclass
class Measuring:
    """The run of one pair."""

    book: Book
    sides: Sequence[Side]
    rounds: int
    say: Say

    def run(self) -> None:
        """Everything, in the order in which it can be had."""
        self._each("starting", self._begin)
        self._each("ingest", self._ingest)
        for row, asked in questions(self.book.size).items():
            self.say(row)
            self._compare(row, asked)
            self._in_turn(f"{row}{REQUEST}", asked)
        self._each("memory", self._weigh)
        self._each("export", self._export)
        for _ in range(self.rounds):
            self._each("warm start", self._start_again)

    def _each(self, what: str, work: Callable[[Side], None]) -> None:
        for side in self.sides:
            self.say(f"{what}: {side.name}")
            side.attempt(work, side)
            if side.why:
                self.say(f"{side.name} is out: {side.why}")

    def _begin(self, side: Side) -> None:
        side.begin()
        side.until_quiet()
        time.sleep(REST)
        self.book.add(IDLE, side, side.memory())

    def _ingest(self, side: Side) -> None:
        with self.book.spending(INGEST, side):
            began = time.monotonic()
            side.fill()
            self.book.add(INGEST_WALL, side, time.monotonic() - began)
            side.until_quiet()

    def _compare(self, row: str, asked: Sequence[Question]) -> None:
        """Whether both say the same: a quick answer that is wrong is none."""
        if any(side.why for side in self.sides):
            return
        told: list[list[object]] = []
        for side in self.sides:
            side.attempt(lambda door: told.append(gists(door, asked)), side.door)
        if len(told) == len(self.sides) and any(told[0] != one for one in told):
            self.book.notes.append(f"{row}: the answers differ")

    def _in_turn(self, row: str, asked: Sequence[Question]) -> None:
        """Blocks of both, A B, B A, and so on, so that noise hits both."""
        numbers: dict[str, int] = {}
        for side in self.sides:
            side.attempt(lambda one: numbers.update(fitting(one, asked)), side)
        for turn in range(self.rounds):
            for side in self.sides if turn % 2 == 0 else reversed(self.sides):
                side.attempt(self._block, row, side, asked, numbers)

    def _block(
        self,
        row: str,
        side: Side,
        asked: Sequence[Question],
        numbers: dict[str, int],
    ) -> None:
        number = numbers[side.name]
        with self.book.spending(row, side, number / 1000):
            ask(side.door, asked, number)

    def _weigh(self, side: Side) -> None:
        side.until_quiet()
        time.sleep(REST)
        self.book.add(FULL, side, side.memory())
        if side.place.database_pid:
            self.book.add(STORE, side, side.memory_of_database())

    def _export(self, side: Side) -> None:
        """Only Greenroom has one."""
        if not isinstance(side, Greenroom):
            return
        for number in range(EXPORTS):
            side.change(number)
            side.until_quiet()
            with self.book.spending(EXPORT, side):
                side.door.get(side.export)
        door = side.known()
        ask(door, [side.export], FEWEST)
        for _ in range(self.rounds):
            with self.book.spending(SAME, side, UNCHANGED / 1000):
                ask(door, [side.export], UNCHANGED)

    def _start_again(self, side: Side) -> None:
        wall, cpu = side.start_again()
        self.book.add(START_WALL, side, wall)
        self.book.add(START, side, cpu)


def gists(door: Door, asked: Sequence[Question]) -> list[object]:
    """What the answers come down to."""
    return [gist(door.get(question)) for question in asked]


def fitting(side: Side, asked: Sequence[Question]) -> dict[str, int]:
    """Warm it up, and how many requests then fill a block."""
    end, left = time.monotonic() + WARM_WALL, WARM
    while time.monotonic() < end and left > 0:
        left -= len(asked)
        ask(side.door, asked, len(asked))
    before = side.spent()
    ask(side.door, asked, FEWEST)
    each = (side.spent() - before) / FEWEST
    number = round(BLOCK / max(each, BLOCK / MOST))
    return {side.name: max(FEWEST, min(MOST, number))}


def ask(door: Door, asked: Sequence[Question], number: int) -> None:
    """So many requests, one after the other."""
    for question in islice(cycle(asked), number):
        door.get(question)


def measured(size: int, database: str, rounds: int, folder: Path, say: Say) -> Book:
    """Both with `size` entities on `sqlite` or `postgresql`. Never raises for what
    could not be run: the book says why."""
    book = Book(size, database)
    catalog = folder / "catalog"
    write(catalog, size)
    with contextlib.ExitStack() as stack:
        sides: list[Side] = []
        for kind in (Backstage, Greenroom):
            place = Place(folder / kind.name.lower(), catalog, size)
            place.folder.mkdir()
            place.folder.chmod(0o755)
            side: Side = kind(place)
            stack.callback(side.end)
            try:
                if database == "postgresql":
                    side = kind(stack.enter_context(_on_postgres(place)))
                    stack.callback(side.end)
            except servers.MissingServer as missing:
                side.why = str(missing)
            sides.append(side)
        Measuring(book, sides, rounds, say).run()
        book.whys = {side.name: side.why for side in sides}
    return book


@contextlib.contextmanager
def _on_postgres(place: Place) -> Iterator[Place]:
    """The place with a server of its own, so that each pays for its own queries."""
    with servers.postgres(place.folder) as url:
        pid = int((place.folder / "postgres" / "postmaster.pid").read_text().split()[0])
        yield Place(place.folder, place.catalog, place.size, url, pid)


def write(folder: Path, size: int) -> None:
    """The catalog, and a root document that leads to its parts."""
    generate.write(folder / "parts", size)
    names = sorted(path.name for path in (folder / "parts").iterdir())
    lines = "".join(f"    - ./parts/{name}\n" for name in names)
    (folder / "catalog-info.yaml").write_text(ROOT + lines, "utf-8")
