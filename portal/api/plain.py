"""A question and an answer without a framework, for what is asked by the thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl

from catalog.entities.viewer import Viewer


@dataclass(frozen=True)
class Ask:
    """A request. `path` is below the door it came through; `edits` says whether the
    asker may change anything; header names are in lower case."""

    method: str
    path: str
    viewer: Viewer
    query: str = ""
    body: bytes = b""
    edits: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters, in order."""
        return parse_qsl(self.query, keep_blank_values=True)

    def all(self, name: str) -> list[str]:
        """Every value of a parameter."""
        return [value for key, value in self.pairs if key == name]

    def one(self, name: str) -> str | None:
        """The last value of a parameter."""
        values = self.all(name)
        return values[-1] if values else None

    def knows(self, etag: str) -> bool:
        """Does the asker have this version already?"""
        given = self.headers.get("if-none-match", "")
        return bool(given) and etag in given


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


# None: this asker, or this question, needs the long way.
Handler = Callable[[Ask], Answer | None]
