"""How a state of a probed entity is shown: its mark, its word, its moments."""

from __future__ import annotations

from datetime import datetime

from catalog.probes import clock, words

_MARKS = {words.UP: "ok"}


def mark_of(state: str) -> str:
    """The mark of a state: class of the stylesheet, and key of its icon."""
    return _MARKS.get(state, state)


def word_of(state: str) -> str:
    """A state for people."""
    return state.capitalize()


def error_word(error: str) -> str:
    """An error class for people."""
    return words.ERRORS.get(error, error)


def moment(milliseconds: int) -> datetime | None:
    """An integer as a moment; None for never."""
    return clock.moment(milliseconds) if milliseconds else None


def share(value: float | None) -> str:
    """A share of time as `99.95 %`: never rounded up to all of it."""
    if value is None:
        return ""
    percent = int(value * 10_000) / 100
    return f"{percent:g} %"


def duration(milliseconds: int) -> str:
    """A length of time in its two largest units."""
    seconds = max(0, milliseconds) // 1000
    if seconds < 60:
        return f"{seconds} s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} d {hours % 24} h" if hours % 24 else f"{days} d"
