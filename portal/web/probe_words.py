"""How a state of a probed entity is shown: its mark, its word, its moments."""

from __future__ import annotations

from datetime import datetime

from catalog.probes import clock, states, words

_MARKS = {words.UP: "ok"}
# What is not known for a reason that one can name.
_UNKNOWN = {
    words.NOT_LOADED: "Ready, not loaded",
    words.PAUSED: "Paused",
    words.UNUSABLE: "Not usable",
}


def mark_of(state: str) -> str:
    """The mark of a state: class of the stylesheet, and key of its icon."""
    return _MARKS.get(state, state)


def word_of(state: str, error: str = "") -> str:
    """A state for people; a server that is ready is not without data."""
    if state == words.UNKNOWN and error in _UNKNOWN:
        return _UNKNOWN[error]
    return states.TITLES[state]


def error_word(error: str) -> str:
    """An error class for people."""
    return words.ERRORS.get(error, error)


def moment(milliseconds: int) -> datetime | None:
    """An integer as a moment; None for never."""
    return clock.moment(milliseconds) if milliseconds else None
