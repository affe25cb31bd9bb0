"""Problem: what is wrong with a document, where it stands, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

ERROR, WARNING = "error", "warning"
QUOTE_IT = "Put it in quotes: "
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One complaint. An error refuses its document; a warning lets it in.

    `begins` is the line where its document begins, where it is about one.
    """

    code: str
    message: str
    remedy: str = ""
    severity: str = ERROR
    at: Path = ()
    value: str = ""
    subject: str = ""
    path: str = ""
    line: int | None = None
    column: int | None = None
    begins: int | None = None

    @property
    def field(self) -> str:
        """Where in the document, as people write it: `spec.dependsOn[2]`."""
        return field_name(self.at)

    @property
    def is_error(self) -> bool:
        """Does it refuse the document?"""
        return self.severity == ERROR

    @property
    def place(self) -> str:
        """`file:line:column`, as far as it is known."""
        parts = [self.path, self.line, self.column]
        return ":".join(str(part) for part in parts if part)

    def sentence(self) -> str:
        """The whole complaint in one line."""
        place = f"{self.place}: " if self.place else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.severity}: {self.message}{remedy}"

    def placed(self, path: str, line: int | None, column: int | None) -> Problem:
        """The same, with its place filled in."""
        return replace(self, path=path, line=line, column=column)


def field_name(at: Path) -> str:
    """`("spec", "dependsOn", 2)` as `spec.dependsOn[2]`."""
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def did_you_mean(value: Any, known: Iterable[str]) -> str:
    """` Did you mean x?`, or nothing when no known name is near."""
    if not isinstance(value, str):
        return ""
    lowered = {name.lower(): name for name in known}
    close = difflib.get_close_matches(value.lower(), lowered, n=1, cutoff=0.7)
    return f"Did you mean {lowered[close[0]]!r}?" if close else ""


def shown(value: Any, limit: int = 60) -> str:
    """A value for a message: short, and in the author's spelling where it is a text."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
