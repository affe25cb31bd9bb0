"""`python -m tests.benchmarks [--quick] [--only FORM]`: every figure beside its limit.

Each size runs in a process and a data folder of its own, on SQLite and on PostgreSQL.
CPU seconds beside wall time; medians. Nothing is asserted: figures are for people.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import servers

ROOT = Path(__file__).resolve().parents[2]
SIZES = (100, 1_000, 10_000)
# What DESIGN and the issue ask for: (figure, size) -> limit.
LIMITS: dict[tuple[str, int], float] = {
    ("import, CPU s", 1_000): 1.5,
    ("import, CPU s", 10_000): 15,
    ("unchanged re-import, CPU s", 10_000): 2,
    ("lint, CPU s", 10_000): 10,
    ("lint of slips, CPU s", 10_000): 10,
    ("index page, CPU ms", 10_000): 25,
    ("index page, queries", 10_000): 12,
    ("entity page, CPU ms", 1_000): 20,
    ("entity page, CPU ms", 10_000): 20,
    ("entity page, queries", 10_000): 20,
    ("full text page, CPU ms", 10_000): 25,
    **{("memory of all processes, MB", size): 260 for size in SIZES},
    **{("at rest, % of a core", size): 1 for size in SIZES},
    **{("cold index page, KB", size): 70 for size in SIZES},
    **{("cold index page, requests", size): 10 for size in SIZES},
}


def main() -> None:
    """Measure every form and size, and print one table for each form."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only 100 and 1,000")
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    options = parser.parse_args()
    sizes = SIZES[:2] if options.quick else SIZES
    if options.only != "postgres":
        _report("SQLite, embedded queue", sizes, {})
    if options.only != "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            _report_postgres(Path(folder), sizes)


def _report_postgres(folder: Path, sizes: tuple[int, ...]) -> None:
    """A fresh PostgreSQL for each size, so that none sees another's rows."""
    folder.chmod(0o755)
    figures: dict[int, dict[str, float]] = {}
    for size in sizes:
        place = folder / str(size)
        place.mkdir()
        with servers.postgres(place) as database, servers.redis(place) as broker:
            extra = {"DATABASE_URL": database, "BROKER_URL": broker}
            figures[size] = _measure(size, extra)
    _print("PostgreSQL and Redis", figures)


def _report(title: str, sizes: tuple[int, ...], extra: dict[str, str]) -> None:
    _print(title, {size: _measure(size, extra) for size in sizes})


def _measure(size: int, extra: dict[str, str]) -> dict[str, float]:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            **extra,
            "GREENROOM_DATA": f"{folder}/data",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        for part in ("pages", "lint", "house"):
            print(f"measuring {part} with {size:,} entities …", file=sys.stderr)
            figures |= _run(part, size, Path(folder), environment)
    return figures


def _run(
    part: str, size: int, folder: Path, environment: dict[str, str]
) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", f"tests.benchmarks.{part}", str(size), str(folder)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _print(title: str, figures: dict[int, dict[str, float]]) -> None:
    print(f"\n{title}\n{'=' * len(title)}")
    names = list(next(iter(figures.values())))
    print(f"{'':32}" + "".join(f"{f'N = {size:,}':>24}" for size in figures))
    for name in names:
        cells = [_cell(name, size, found) for size, found in figures.items()]
        print(f"{name:32}" + "".join(f"{cell:>24}" for cell in cells))


def _cell(name: str, size: int, found: dict[str, float]) -> str:
    value = found[name]
    limit = LIMITS.get((name, size))
    text = f"{value:.3g}" if value < 1000 else f"{value:,.0f}"
    return text if limit is None else f"{text} ({value / limit:.0%} of {limit:g})"


if __name__ == "__main__":
    main()
