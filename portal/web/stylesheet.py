"""One stylesheet for all pages, joined from the parts in static/greenroom/css/."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "greenroom" / "css"
# The first part names the layers; after that the order only matters inside a layer.
PARTS = (
    "tokens",
    "elements",
    "shell",
    "layout",
    "controls",
    "cards",
    "marks",
    "table",
    "facets",
    "columns",
    "index",
    "views",
    "entity",
    "subject",
    "reader",
    "graph",
    "operations",
    "status",
    "code",
    "notices",
    "palette",
    "print",
)

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def stylesheet() -> str:
    """The parts in their order, without comments and indentation."""
    text = "\n".join((FOLDER / f"{part}.css").read_text("utf-8") for part in PARTS)
    lines = (line.strip() for line in _COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
