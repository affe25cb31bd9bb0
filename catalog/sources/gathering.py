"""Reading a source: its files, and those that its Locations point to.

Files that are as they were are not read again. Every refusal is a problem of its file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.entities.problems import Path, Problem
from catalog.sources import includes
from catalog.sources.candidates import (
    Candidate,
    FileReading,
    examine,
    without_duplicates,
)
from catalog.sources.models import SourceFile
from catalog.sources.provider import Content, Provider, SourceError, SourceGone

MAX_FILES = 50_000
MAX_PATH = 1000
# Raised when reading or validation changes, so that unchanged files are read anew.
VERSION = "4"


Tell = Callable[[str, int, int], None]


def nobody(stage: str, done: int, total: int) -> None:
    """Nobody wants to know."""


@dataclass
class Gathered:
    """What a source holds now. `unchanged` files were not looked into."""

    files: list[FileReading] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)

    @property
    def candidates(self) -> list[Candidate]:
        """The candidates of all files, in order."""
        return [candidate for file in self.files for candidate in file.candidates]

    @property
    def problems(self) -> list[Problem]:
        """The problems of all files, in order."""
        return [problem for file in self.files for problem in file.problems]


def gather(
    provider: Provider,
    known: Mapping[str, SourceFile] | None = None,
    targets: Mapping[str, list[dict[str, Any]]] | None = None,
    tell: Tell = nobody,
) -> Gathered:
    """Read a source. `known` are its files as last taken, `targets` the specs of the
    Locations in them, by path. `tell` hears how far it is: stage, done, total. Raises
    SourceError when the source cannot be read."""
    tell("Reaching the source", 0, 0)
    known, targets = known or {}, targets or {}
    # A digest of another version, or of a file that was refused, tells nothing.
    known = {p: row for p, row in known.items() if row.digest.startswith(f"{VERSION}:")}
    provider.known = known
    provider.check()
    gathered = Gathered()
    queue: deque[tuple[str, bool]] = deque(
        (path, provider.is_scanned()) for path in provider.paths()
    )
    seen: set[str] = set()
    while queue:
        path, scanned = queue.popleft()
        if path in seen:
            continue
        seen.add(path)
        _check_number(len(seen))
        tell("Reading files", len(seen), len(seen) + len(queue))
        file = _read(provider, path, known.get(path), scanned)
        if file is None:
            gathered.unchanged.add(path)
        else:
            gathered.files.append(file)
        if provider.follows_locations():
            specs = _specs(file, targets.get(path, []))
            targeted = _targets(provider, path, specs, file)
            queue += [(target, False) for target in targeted]
    without_duplicates(gathered.files)
    return gathered


def _check_number(files: int) -> None:
    if files > MAX_FILES:
        raise SourceError(
            f"The source has more than {MAX_FILES:,} files.", "Split it in several."
        )


def _read(
    provider: Provider, path: str, known: SourceFile | None, scanned: bool
) -> FileReading | None:
    """The file, or None when it is unchanged, and all that it includes as well. Raises
    SourceGone where no other file could be read either."""
    try:
        if len(path) > MAX_PATH:
            raise SourceError(
                f"The path is longer than {MAX_PATH} characters.", "Shorten it."
            )
        if known and known.includes and not includes.same(provider, known):
            known = None
        content = provider.read(path, known)
    except SourceGone:
        raise
    except SourceError as error:
        kept = path[:MAX_PATH]
        failed = FileReading(kept)
        failed.refuse(Problem("unreadable", error.message, error.remedy, path=kept))
        return failed
    if content is None:
        return None
    digest = f"{VERSION}:{content.digest}"
    if known and known.digest == digest:
        return None
    reader = includes.Reader(provider, path)
    file = examine(content.raw, path, scanned=scanned, include=reader.read)
    file.digest, file.etag, file.includes = digest, content.etag, reader.found
    _note(content, file)
    return file


def _note(content: Content, file: FileReading) -> None:
    """What is said of a file as a whole is said of its first document."""
    subject = file.candidates[0].ref if file.candidates else ""
    for remark in content.remarks:
        file.refuse(replace(remark, subject=subject).placed(file.path, 1, 1))


def _specs(
    file: FileReading | None, before: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The specs of the Locations in a file, which may be as it was before. What a
    broken one pointed to is not gone because it cannot be read now."""
    candidates = file.candidates if file else []
    for candidate in candidates:
        if candidate.data["kind"] == "Location":
            yield candidate.data["spec"]
    if file is None or not file.is_whole:
        yield from before


def _targets(
    provider: Provider,
    base: str,
    specs: Iterable[dict[str, Any]],
    file: FileReading | None,
) -> Iterator[str]:
    for spec in specs:
        for at, target in _named(spec):
            try:
                yield from provider.expand(base, target)
            except SourceError as error:
                if file is not None:
                    file.refuse(_at_target(file, spec, at, error))


def _named(spec: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every target of a Location, with its place."""
    if spec.get("target"):
        yield ("spec", "target"), spec["target"]
    for index, target in enumerate(spec.get("targets") or []):
        yield ("spec", "targets", index), target


def _at_target(
    file: FileReading, spec: dict[str, Any], at: Path, error: SourceError
) -> Problem:
    """The complaint about a target, at the line that names it."""
    problem = Problem("target", error.message, error.remedy, at=at, path=file.path)
    for candidate in file.candidates:
        if candidate.data.get("spec") is spec:
            named = replace(problem, subject=candidate.ref)
            return named.placed(file.path, *candidate.doc.place(at))
    return problem
