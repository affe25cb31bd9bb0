"""One script for all pages, joined from the parts in static/greenroom/js/.

Each part is a block of its own that imports and exports nothing: a page needs one
request for all of them. `theme.js` stays apart, because it runs before the first paint.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "greenroom" / "js"
PARTS = (
    "theme-toggle",
    "menu",
    "times",
    "graph",
    "chart",
    "keep",
    "copy",
    "confirm",
    "drop",
    "filters",
    "complete",
    "palette",
    "live",
)


def script() -> str:
    """The parts in their order, each in its own scope."""
    blocks = [(FOLDER / f"{part}.js").read_text("utf-8").strip() for part in PARTS]
    return "\n".join(f"{{\n{block}\n}}" for block in blocks) + "\n"
