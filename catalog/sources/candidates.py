"""From text to candidates: documents that passed validation, and what did not.

Nothing here touches the database, so that `lint` and a dry run are the same code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from catalog import refs
from catalog.entities import envelope, validation
from catalog.entities.envelope import Doc
from catalog.entities.problems import WARNING, Problem, did_you_mean
from catalog.kind import KINDS
from catalog.sources import placeholders
from catalog.sources.placeholders import Include
from catalog.sources.provider import SourceError

MAX_PROBLEMS = 100
_OUR_GROUPS = ("backstage.io", "greenroom")
_MARKS = ("backstage.io/", "greenroom/")


@dataclass(frozen=True)
class Candidate:
    """One valid document, ready to be compared with what the catalog has."""

    ref: str
    doc: Doc
    digest: str
    warnings: tuple[Problem, ...] = ()

    @property
    def data(self) -> dict[str, Any]:
        """The document."""
        data: dict[str, Any] = self.doc.data
        return data

    @property
    def namespace(self) -> str:
        """Its namespace; `default` where it names none."""
        space: str = self.data["metadata"].get("namespace") or refs.DEFAULT_NAMESPACE
        return space


@dataclass
class FileReading:
    """One file: its candidates, its problems, and what was left out as not ours.

    `includes` are the files that were written into it: path to digest and ETag.
    `is_shared`: another source keeps a document of it, which may vanish there.
    """

    path: str
    digest: str = ""
    etag: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: int = 0
    includes: dict[str, tuple[str, str]] = field(default_factory=dict)
    is_readable: bool = True
    is_shared: bool = False

    @property
    def is_whole(self) -> bool:
        """Was all of it understood? If not, what it declared before is kept."""
        return self.is_readable and not any(p.is_error for p in self.problems)

    @property
    def is_settled(self) -> bool:
        """Can it be left unread until it changes?"""
        return bool(self.digest) and self.is_whole and not self.is_shared

    def refuse(self, problem: Problem) -> None:
        """Add a problem."""
        self.problems.append(problem)


def no_files(target: str) -> bytes:
    """What a text without a place can include: nothing."""
    raise SourceError(
        f"{target} cannot be read from here.",
        "Write its content into the document, or let a source read both files.",
    )


def examine(
    raw: bytes | str,
    path: str,
    *,
    scanned: bool = False,
    include: Include = no_files,
) -> FileReading:
    """Read and validate a file. In a scanned folder, YAML of others is left out.

    `include` brings the files that placeholders name.
    """
    found = FileReading(path)
    named = PurePath(path).name.startswith("catalog-info")
    reading = envelope.read(raw, path)
    found.is_readable = not reading.problems
    for problem in reading.problems:
        kept = problem if named or not scanned else _of_stranger(problem, raw)
        if kept is not None:
            found.refuse(kept)
    for doc in reading.documents:
        if scanned and not named and not is_meant(doc.data):
            found.left_out += 1
        else:
            _validate(doc, found, include)
    if named and not (reading.documents or reading.problems):
        message = "The file holds no document."
        found.refuse(
            Problem("empty", message, "Fill or remove it.", WARNING, path=path)
        )
    return found


def _of_stranger(problem: Problem, raw: bytes | str) -> Problem | None:
    """An unreadable file in a scanned folder: ours, a template, or not ours?"""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    if any(mark in text for mark in _MARKS):
        return problem
    if "{{" in text or "{%" in text:
        return None
    return replace(
        problem,
        severity=WARNING,
        message=f"Left out, since nothing says it is the catalog's: {problem.message}",
    )


def is_meant(data: Any) -> bool:
    """Is this document meant for the catalog, even if it is broken?"""
    if not isinstance(data, dict):
        return False
    version = data.get("apiVersion")
    known_kind = isinstance(data.get("kind"), str) and (
        data["kind"] in KINDS or bool(did_you_mean(data["kind"], KINDS))
    )
    if not isinstance(version, str):
        return known_kind and ("metadata" in data or "spec" in data)
    group = version.partition("/")[0]
    if group in _OUR_GROUPS or group.endswith(".backstage.io"):
        return True
    near = "/" not in version or bool(did_you_mean(group, _OUR_GROUPS))
    return known_kind and near


def _validate(doc: Doc, found: FileReading, include: Include) -> None:
    subject = subject_of(doc.data)
    problems: list[Problem] = []
    # The sign is rare, and looking for it costs next to nothing.
    if "$" in doc.text:
        broken = placeholders.fill(doc, include)
        problems += [replace(problem, subject=subject) for problem in broken]
        if broken:
            found.problems += problems
            return
    complaints = validation.check(doc.data)
    for problem in _bounded(complaints):
        line, column = doc.place(problem.at)
        placed = problem.placed(found.path, line, column)
        problems.append(replace(placed, subject=subject))
    problems += [replace(p, path=found.path, subject=subject) for p in doc.remarks]
    found.problems += problems
    if not any(problem.is_error for problem in problems):
        digest = digest_of(doc.text)
        found.candidates.append(Candidate(subject, doc, digest, tuple(problems)))


def _bounded(complaints: list[Problem]) -> list[Problem]:
    """Nobody reads ten thousand complaints about one document."""
    if len(complaints) <= MAX_PROBLEMS:
        return complaints
    kept = sorted(complaints, key=lambda problem: not problem.is_error)[:MAX_PROBLEMS]
    number = len(complaints) - MAX_PROBLEMS
    message = f"There are {number:,} more complaints about this document."
    return [*kept, Problem("more", message, "Mend those above first.", WARNING)]


def subject_of(data: Any) -> str:
    """The reference of a document that may be broken; empty where it has none."""
    metadata = data.get("metadata") if isinstance(data, dict) else None
    if not isinstance(metadata, dict):
        return ""
    kind, name = data.get("kind"), metadata.get("name")
    space = metadata.get("namespace") or refs.DEFAULT_NAMESPACE
    try:
        return str(refs.parse(f"{kind}:{space}/{name}"))
    except refs.RefError:
        return ""


def digest_of(text: str) -> str:
    """The hash by which an unchanged document is known; trailing space is no change."""
    return hashlib.blake2b(text.strip().encode(), digest_size=20).hexdigest()


def without_duplicates(files: Iterable[FileReading]) -> dict[str, Candidate]:
    """All candidates by reference. The first keeps a name; others become problems."""
    first: dict[str, Candidate] = {}
    for file in files:
        kept = []
        for candidate in file.candidates:
            holder = first.setdefault(candidate.ref, candidate)
            if holder is candidate:
                kept.append(candidate)
            else:
                place = f"{holder.doc.path}:{holder.doc.line}"
                file.refuse(duplicate(candidate, place))
        file.candidates = kept
    return first


def duplicate(candidate: Candidate, first: str) -> Problem:
    """The complaint about a name that is taken; `first` is the place that keeps it."""
    at = ("metadata", "name")
    line, column = candidate.doc.place(at)
    return Problem(
        "duplicate",
        f"{refs.short(candidate.ref)} is declared twice; "
        f"{first} was first and keeps the name.",
        "Remove or rename one of the two.",
        at=at,
        subject=candidate.ref,
    ).placed(candidate.doc.path, line, column)
