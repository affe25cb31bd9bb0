"""Taking a pasted text: the good documents are taken, the others are handed back."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from catalog.entities import envelope
from catalog.entities.problems import Problem
from catalog.entities.viewer import Viewer
from catalog.sources import processing
from catalog.sources.outcome import Outcome

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DOOR = "paste"


def take(
    text: str,
    *,
    author: AbstractBaseUser | None,
    viewer: Viewer,
    door: str = DOOR,
    reason: str = "",
) -> tuple[Outcome, str]:
    """What was done, and the text that is left to be mended."""
    outcome = processing.declare(
        text, author=author, door=door, reason=reason, viewer=viewer
    )
    if not (outcome.refs or outcome.unchanged):
        return outcome, text
    return outcome, refused(text, [p for p in outcome.problems if p.is_error])


def refused(text: str, errors: list[Problem]) -> str:
    """The documents of a text that an error points into, joined as they were."""
    parts = list(envelope.parts(text))
    starts = [first for _, first in parts]
    kept: set[int] = set()
    for error in errors:
        if error.line is None:
            return text
        # What never ends is told at the line after its last: it belongs to the last
        # document that begins before.
        number = max(0, bisect_right(starts, error.line) - 1)
        unread = len(parts) if error.code == "too-complex" else number + 1
        kept |= set(range(number, unread))
    left = [parts[number][0].strip("\n") for number in sorted(kept)]
    return "\n---\n".join(left) + "\n" if left else ""
