"""`manage.py lint` with its start: `python -m tests.benchmarks.lint SIZE FOLDER`.

Once over the catalog that `pages` wrote, and once over the same with a slip in nearly
every document, each of which wants a near name.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(size: int, folder: Path) -> None:
    """Print one line of JSON: figure -> value."""
    good, slips = folder / "catalog", folder / "slips"
    slips.mkdir()
    for path in good.glob("*.yaml"):
        (slips / path.name).write_text(_with_slips(path.read_text("utf-8")), "utf-8")
    figures: dict[str, float] = {}
    for name, place, said in (
        ("lint", good, " 0 warnings"),
        ("lint of slips", slips, ""),
    ):
        cpu, wall = _lint(place, f"{size} good, 0 errors,{said}")
        figures[f"{name}, CPU s"], figures[f"{name}, wall s"] = cpu, wall
    print(json.dumps(figures))


def _with_slips(text: str) -> str:
    """Every component that is named, and every owner, misspelt."""
    text = re.sub(r"(component:s)er(vice-\d+)", r"\1re\2", text)
    return re.sub(r"(owner: te)am(-\d+)", r"\1ma\2", text)


def _lint(place: Path, said: str) -> tuple[float, float]:
    before, started = _spent(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", "lint", str(place)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    wall = time.perf_counter() - started
    if said not in done.stdout.splitlines()[-1]:
        raise SystemExit(f"lint says {done.stdout.splitlines()[-1]}")
    return _spent() - before, wall


def _spent() -> float:
    """CPU seconds of the processes that this one has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
