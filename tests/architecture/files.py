"""The files of the house, as the tests of its building look at them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("portal", "catalog", "techdocs", "oncall", "deploy", "tests")


@cache
def kept() -> tuple[Path, ...]:
    """Every file that is in git or would be, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [Path(name) for name in listed.stdout.decode().split("\0") if name]
        return tuple(sorted(path for path in set(names) if (ROOT / path).is_file()))
    found = (path for room in ROOMS for path in (ROOT / room).rglob("*"))
    return tuple(sorted(path.relative_to(ROOT) for path in found if path.is_file()))


def ending(*suffixes: str) -> list[Path]:
    """The files with one of these endings, but for migrations."""
    return [p for p in kept() if p.suffix in suffixes and "migrations" not in p.parts]


def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(text(path))
