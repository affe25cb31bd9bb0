"""Linting: what is wrong with files, and with how they refer to one another.

Needs no database. All paths together are taken for the whole catalog, unless they are
said to be a part of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from catalog import refs
from catalog.entities import decisions, relations, validation
from catalog.entities.envelope import MAX_BYTES
from catalog.entities.near import References
from catalog.entities.problems import WARNING, Problem, field_name, shown
from catalog.entities.problems import Path as At
from catalog.sources.adding import source_for
from catalog.sources.candidates import (
    Candidate,
    FileReading,
    duplicate,
    examine,
    without_duplicates,
)
from catalog.sources.gathering import gather
from catalog.sources.models import Source
from catalog.sources.provider import Provider, SourceError, provider_of
from catalog.sources.providers.folder import Folder

STDIN = "-"
STDIN_SHOWN = "<stdin>"
_REMEDY = "Correct the name, or declare it."


@dataclass
class Section:
    """One file, or a path that could not be read, as it is shown to people."""

    path: str
    problems: list[Problem] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    left_out: int = 0

    def add(self, problem: Problem) -> None:
        """Add a complaint, under the name that the file is shown by."""
        message = _printable(problem.message)
        self.problems.append(replace(problem, message=message, path=self.path))


@dataclass
class Report:
    """What was found, in the order of the paths."""

    sections: list[Section] = field(default_factory=list)
    checked_references: bool = True

    @property
    def problems(self) -> list[Problem]:
        """Every problem: file by file, then by line and column."""
        return [
            problem
            for section in self.sections
            for problem in sorted(
                section.problems, key=lambda one: (one.line or 0, one.column or 0)
            )
        ]

    @property
    def documents(self) -> int:
        """How many documents would be taken."""
        return sum(len(section.candidates) for section in self.sections)

    @property
    def left_out(self) -> int:
        """How many documents are of other programs."""
        return sum(section.left_out for section in self.sections)

    @property
    def errors(self) -> int:
        """How many complaints refuse something."""
        return sum(problem.is_error for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many complaints are only said."""
        return len(self.problems) - self.errors


class _AmongOthers(Folder):
    """A file that a tool named, not a person: YAML of other programs may be there."""

    def is_scanned(self) -> bool:
        """What nothing says to be the catalog's is left out."""
        return True


def lint(
    paths: Iterable[str],
    *,
    partial: bool = False,
    skip_foreign: bool = False,
    stdin: BinaryIO | None = None,
) -> Report:
    """Read all paths and say what is wrong. Never raises for bad input.

    `partial`: they are a part of a catalog, so what they refer to may be elsewhere.
    `skip_foreign`: documents of other programs are left out of named files too.
    """
    report = Report(checked_references=not partial)
    seen: set[str] = set()
    for path in paths:
        try:
            sections = _read(path, seen, skip_foreign, stdin)
        except SourceError as error:
            problem = Problem("unreadable", error.message, error.remedy)
            sections = [_complaining(path, problem)]
        report.sections += sections
    _refuse_duplicates(report.sections)
    if not partial:
        _check_references(report.sections)
    return report


def _complaining(path: str, problem: Problem) -> Section:
    section = Section(STDIN_SHOWN if path == STDIN else _printable(path))
    section.add(problem)
    return section


def _printable(path: str) -> str:
    """The same; of a path whose bytes are no text, something that is."""
    return path.encode("utf-8", "backslashreplace").decode()


def _read(
    path: str, seen: set[str], skip_foreign: bool, stdin: BinaryIO | None
) -> list[Section]:
    """The files behind a path that were not read before. Raises SourceError."""
    if path == STDIN and stdin is not None:
        if STDIN in seen:
            return []
        file = _from(stdin, skip_foreign)
        files = [(STDIN, STDIN_SHOWN, file)]
    else:
        files = list(_gathered(path, skip_foreign))
    sections = []
    for identity, name, file in files:
        if identity not in seen:
            seen.add(identity)
            sections.append(_section(_printable(name), file))
    if not skip_foreign and not any(_says_something(file) for _, _, file in files):
        sections.append(_complaining(path, _nothing(len(files))))
    return sections


def _from(stdin: BinaryIO, skip_foreign: bool) -> FileReading:
    try:
        raw = stdin.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise SourceError(f"Standard input cannot be read: {reason}.") from error
    file = examine(raw, "", scanned=skip_foreign)
    without_duplicates([file])
    return file


def _gathered(path: str, skip_foreign: bool) -> Iterator[tuple[str, str, FileReading]]:
    """(identity, name for people, file) of all that a path holds."""
    with closing(_provider(source_for(path), skip_foreign)) as provider:
        files = gather(provider).files
    for file in files:
        if not isinstance(provider, Folder):
            yield file.path, file.path, file
            continue
        # As it was written, so that a terminal or an editor finds it from here.
        given = Path(path.strip()).expanduser()
        base = given if provider.root.is_dir() else given.parent
        full = str(base / file.path)
        yield os.path.realpath(full), full, file


def _provider(source: Source, skip_foreign: bool) -> Provider:
    if skip_foreign and source.provider == Folder.name:
        return _AmongOthers(source)
    return provider_of(source)


def _section(name: str, file: FileReading) -> Section:
    section = Section(name, [], file.candidates, file.left_out)
    for problem in file.problems:
        section.add(problem)
    return section


def _says_something(file: FileReading) -> bool:
    return bool(file.candidates or file.problems)


def _nothing(files: int) -> Problem:
    """A path without a document is mostly the wrong path."""
    if not files:
        return Problem(
            "no-file",
            "The folder holds no .yaml or .yml file.",
            "Name the folder that holds the catalog.",
        )
    return Problem(
        "no-document",
        "Nothing in it is a document of the catalog.",
        "Name another path, or begin documents with apiVersion, kind and metadata.",
        WARNING,
    )


def _refuse_duplicates(sections: Iterable[Section]) -> None:
    """What two paths declare; within one path, reading has said so already."""
    first: dict[str, str] = {}
    for section in sections:
        kept = []
        for candidate in section.candidates:
            place = f"{section.path}:{candidate.doc.line}"
            holder = first.setdefault(candidate.ref, place)
            if holder is place:
                kept.append(candidate)
            else:
                section.add(duplicate(candidate, holder))
        section.candidates = kept


def _check_references(sections: list[Section]) -> None:
    """Complain about what refers to something that no document declares.

    A document that was refused is declared all the same: its own error is enough.
    """
    refused = {p.subject for section in sections for p in section.problems}
    declared = {c.ref for section in sections for c in section.candidates}
    known = References((declared | refused) - {""})
    for section in sections:
        for candidate in section.candidates:
            for problem in _missing(candidate, known):
                line, column = candidate.doc.place(problem.at)
                section.add(replace(problem, line=line, column=column))


def _missing(candidate: Candidate, known: References) -> Iterator[Problem]:
    for at, marker, target in relations.named(candidate.data):
        if target not in known:
            code = "unknown-owner" if marker.relation == "ownedBy" else "dangling"
            yield _unknown(candidate, code, at, target, known)
    annotations = candidate.data["metadata"].get("annotations") or {}
    if decisions.VISIBILITY in annotations:
        at = ("metadata", "annotations", decisions.VISIBILITY)
        for target in validation.principals(annotations[decisions.VISIBILITY]):
            if target not in known:
                yield _unknown(candidate, "dangling", at, target, known)


def _unknown(
    candidate: Candidate, code: str, at: At, target: str, known: References
) -> Problem:
    value = _value(candidate.data, at)
    whole = value.lower() in (target, refs.short(target))
    says = f"{field_name(at)} is {shown(value)}"
    missing = "which no document here declares"
    if not whole:
        missing = f"and no document here declares {refs.short(target)}"
    return Problem(
        code,
        f"{says}, {missing}.",
        known.hint(target) or _REMEDY,
        WARNING,
        at,
        value,
        candidate.ref,
    )


def _value(data: Any, at: At) -> str:
    for step in at:
        data = data[step]
    return str(data)
