"""`python -m tests.benchmarks.backstage`: Greenroom beside a real Backstage, one table.

    --entities 1000 10000            sizes of the catalog
    --databases sqlite postgresql    what both keep it in
    --rounds 7                       blocks of each question and side
    --quick                          300 entities on SQLite, three rounds

CPU of all processes of each, in blocks that take turns. Nothing is asserted: figures
are for people. 10,000 entities take a Backstage minutes to read.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

import django

from tests.benchmarks.backstage.measuring import Book, measured
from tests.benchmarks.backstage.telling import FOOT, header, load_now, table

SIZES, DATABASES = (1_000, 10_000), ("sqlite", "postgresql")


def main() -> None:
    """Measure every size on every database, and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entities", type=int, nargs="+", default=SIZES)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.quick:
        options.entities, options.databases, options.rounds = [300], ["sqlite"], 3
    # The kinds that Backstage is to take are known by the registry.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    began, load = datetime.now().astimezone(), load_now()
    books: list[Book] = []
    # Who has waited long enough gets what there is.
    with contextlib.suppress(KeyboardInterrupt):
        for size in options.entities:
            for database in options.databases:
                books.append(_measured(size, database, options.rounds))
    print(f"{header(began, load)}\n\n{table(books)}\n\n{FOOT}")


def _measured(size: int, database: str, rounds: int) -> Book:
    start = time.monotonic()

    def say(what: str) -> None:
        passed = time.monotonic() - start
        print(f"{size:,} {database}, {passed:4.0f} s: {what}", file=sys.stderr)

    with tempfile.TemporaryDirectory(prefix="greenroom-beside-") as folder:
        # PostgreSQL runs as somebody else where we are root.
        Path(folder).chmod(0o755)
        return measured(size, database, rounds, Path(folder), say)


if __name__ == "__main__":
    main()
