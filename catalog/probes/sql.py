"""What plain SQL takes: the values of one row, and texts that every database keeps."""

from __future__ import annotations

SqlRow = tuple[int | float | str | None, ...]


def kept(text: str, length: int) -> str:
    """A text of a stranger, cut, without what no database takes: a NUL, or half of a
    surrogate pair."""
    if text.isascii():
        return text.replace("\0", "")[:length]
    whole = text.replace("\0", "").encode("utf-8", "replace")
    return whole.decode("utf-8")[:length]
