"""What plain SQL takes: the values of one row."""

from __future__ import annotations

SqlRow = tuple[int | float | str | None, ...]
