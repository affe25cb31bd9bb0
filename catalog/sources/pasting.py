"""Taking a pasted text: the good documents are taken, the others are handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.entities import envelope
from catalog.entities.access import Viewer
from catalog.entities.problems import Problem
from catalog.sources import processing
from catalog.sources.processing import Outcome

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

DOOR = "paste"


def take(
    text: str, *, author: AbstractBaseUser | None, viewer: Viewer
) -> tuple[Outcome, str]:
    """What was done, and the text that is left to be mended."""
    outcome = processing.declare(text, author=author, door=DOOR, viewer=viewer)
    return outcome, refused(text, [p for p in outcome.problems if p.is_error])


def refused(text: str, errors: list[Problem]) -> str:
    """The documents of a text that an error points into, joined as they were."""
    if any(error.line is None for error in errors):
        return text
    lines = {error.line for error in errors}
    kept = [
        part.strip("\n")
        for part, first in envelope.parts(text)
        if lines & set(range(first, first + part.count("\n") + 1))
    ]
    return "\n---\n".join(kept) + "\n" if kept else ""
