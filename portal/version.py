"""The version, read from the first heading of CHANGELOG.md."""

from __future__ import annotations

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def read(path: Path = CHANGELOG) -> str:
    """The newest version that the changelog names."""
    match = re.search(r"^## (\d+\.\d+\.\d+\S*)", path.read_text("utf-8"), re.MULTILINE)
    if match is None:
        raise ValueError(f"{path} has no heading such as “## 1.2.3”.")
    return match[1]


VERSION = read()
