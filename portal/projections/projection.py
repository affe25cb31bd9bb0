"""What a projection is: the catalog as files for another tool, for one viewer.

One file of `targets/` for each tool. It names its files and renders each; preview,
comparison with what was rendered before and the header are the same for all.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar

from catalog.entities import generation
from catalog.entities.decisions import DECISIONS
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.plugins import Registry
from portal.version import VERSION

_STAMPS: generation.Cache[str] = generation.Cache(limit=100)


@dataclass(frozen=True)
class Asked:
    """What is asked for: who reads, in which form, and where our own pages are."""

    viewer: Viewer
    profile: str
    home: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one answer from another while the catalog stays as it is."""
        viewer = self.viewer
        return (viewer.sees_all, viewer.audiences, viewer.principals, self.profile)


@dataclass(frozen=True)
class LeftOut:
    """An entity, or a part of one, that does not go out, and why."""

    ref: str
    title: str
    reason: str
    is_whole: bool


@dataclass(frozen=True)
class Line:
    """One line of a difference: `+`, `-`, `@` or a space."""

    kind: str
    text: str


@dataclass(frozen=True)
class Changed:
    """One document that differs from what was rendered before."""

    action: str
    name: str
    lines: tuple[Line, ...]


@dataclass
class Difference:
    """All that differs; `more` documents are counted and not shown."""

    added: int = 0
    changed: int = 0
    removed: int = 0
    shown: list[Changed] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many documents differ."""
        return self.added + self.changed + self.removed

    @property
    def more(self) -> int:
        """How many of them are not shown."""
        return self.number - len(self.shown)


class Projection:
    """One tool, one form, one viewer. Subclasses set the class attributes."""

    name: ClassVar[str] = ""
    title: ClassVar[str]

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def files(self) -> list[str]:
        """The names of all files, the one that the tool is told of first."""
        raise NotImplementedError

    def main_files(self) -> list[str]:
        """Those that a tool reads by itself, and that are remembered as read."""
        raise NotImplementedError

    def render(self, file: str) -> str | None:
        """One file; None where there is none of this name."""
        raise NotImplementedError

    def folder(self) -> dict[str, str]:
        """File to text of every file: what `render` gives, at once."""
        raise NotImplementedError

    def documents(self) -> Iterator[tuple[str, str]]:
        """(name, text) of every document, in the order of their names."""
        raise NotImplementedError

    def taken_apart(self, files: Mapping[str, str]) -> dict[str, str]:
        """The documents in rendered files, by their names, as `documents` has them."""
        raise NotImplementedError

    def left_out(self) -> list[LeftOut]:
        """What does not go out."""
        raise NotImplementedError

    def header(self) -> str:
        """Where a file is from, as a comment."""
        form = f"{self.name}, {self.asked.profile}"
        return (
            f"# Rendered by Greenroom {VERSION} ({form}).\n"
            "# Change the entities there: this file is written again.\n"
        )

    def stamp(self) -> str:
        """Changes when any file may, and costs one query while nothing does."""
        parts = (self.name, *self.asked.key, self.asked.home, code(), self._seen())
        return hashlib.blake2b(
            repr(_sorted(parts)).encode(), digest_size=16
        ).hexdigest()

    def _seen(self) -> str:
        """All that this viewer sees, as a hash."""
        return _STAMPS.get(self.asked.key[:3], lambda: _hash_of(self.asked.viewer))

    def preview(self, most: int) -> list[tuple[str, str]]:
        """The first documents."""
        return [one for one, _ in zip(self.documents(), range(most), strict=False)]

    def difference(self, before: Mapping[str, str], most: int) -> Difference:
        """From what was rendered `before` (name to text) to now."""
        found, left = Difference(), dict(before)
        for name, text in self.documents():
            old = left.pop(name, None)
            if old is None:
                found.added += 1
            elif old != text:
                found.changed += 1
            else:
                continue
            if len(found.shown) < most:
                action = "added" if old is None else "changed"
                found.shown.append(Changed(action, name, lines(old or "", text)))
        found.removed = len(left)
        for name in sorted(left)[: most - len(found.shown)]:
            found.shown.append(Changed("removed", name, lines(left[name], "")))
        return found


PROJECTIONS: Registry[Projection] = Registry(Projection, folder="targets")


def lines(before: str, after: str) -> tuple[Line, ...]:
    """The lines between two texts that differ, with some around them."""
    found = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    return tuple(
        Line("@", line) if line.startswith("@@") else Line(line[:1], line[1:])
        for number, line in enumerate(found)
        if number > 1
    )


def _hash_of(viewer: Viewer) -> str:
    digest = hashlib.blake2b(digest_size=16)
    columns = [decision.column for decision in DECISIONS]
    rows = Entity.objects.visible_to(viewer).order_by("pk")
    for row in rows.values_list("ref", "etag", *columns).iterator():
        digest.update(repr(row).encode())
    return digest.hexdigest()


def _sorted(parts: Iterable[object]) -> list[object]:
    return [sorted(part) if isinstance(part, frozenset) else part for part in parts]


@cache
def code() -> str:
    """A hash of the code that renders, so that a new version is read again."""
    digest = hashlib.blake2b(VERSION.encode(), digest_size=8)
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
