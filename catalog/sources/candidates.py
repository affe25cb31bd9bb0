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
from catalog.entities import dialect, envelope, secrecy, validation
from catalog.entities.envelope import Doc, Reading
from catalog.entities.problems import WARNING, Problem, did_you_mean
from catalog.entities.secrecy import Withheld
from catalog.kind import KINDS
from catalog.sources import placeholders
from catalog.sources.model_catalog import reading as model_catalog
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
    raw, withheld = secrecy.withhold_raw(raw)
    reading = envelope.read(raw, path, model_catalog.read)
    found.is_readable = not any(one.is_error for one in reading.problems)
    for problem in reading.problems:
        is_strange = scanned and problem.is_error
        kept = _of_scanned(problem, raw, named=named) if is_strange else problem
        if kept is not None:
            found.refuse(kept)
    for doc in reading.documents:
        if scanned and _is_foreign(doc, found, named=named):
            continue
        _validate(doc, found, include, withheld)
    _tell_withheld(reading, withheld, found)
    if named and not (reading.documents or reading.problems):
        message = "The file holds no document."
        found.refuse(
            Problem("empty", message, "Fill or remove it.", WARNING, path=path)
        )
    return found


def _tell_withheld(
    reading: Reading, withheld: list[Withheld], found: FileReading
) -> None:
    """The secrets that stood in no document as its author wrote it."""
    written = [doc for doc in reading.documents if doc.origin is None]
    is_made = len(written) < len(reading.documents)
    if withheld and (is_made or (reading.problems and found.problems)):
        for problem in secrecy.warnings_outside(written, withheld):
            found.refuse(problem.placed(found.path, problem.line, problem.column))


def _is_foreign(doc: Doc, found: FileReading, *, named: bool) -> bool:
    """Is a document of a scanned folder not the catalog's, and is that said?"""
    if not named and not is_meant(doc.data):
        found.left_out += 1
        return True
    template = _of_template(doc)
    if template is not None:
        found.refuse(template)
    return template is not None


def _of_template(doc: Doc) -> Problem | None:
    """A document that is still to be filled in, as in the skeleton of a template."""
    metadata = doc.data.get("metadata") if isinstance(doc.data, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(name, str) or "{{" not in name:
        return None
    line, column = doc.place(("metadata", "name"))
    message = f"Left out, since it is a template: its name is {name[:60]!r}."
    problem = Problem("template", message, _TEMPLATE_REMEDY, WARNING)
    return problem.placed(doc.path, line, column)


_TEMPLATE_REMEDY = (
    "That is as it should be. To hear no more of it, leave its folder out of the "
    "source's files: !skeleton/"
)


def _of_scanned(problem: Problem, raw: bytes | str, *, named: bool) -> Problem | None:
    """An unreadable file in a scanned folder: ours, a template, or not ours?"""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    if named or any(mark in text for mark in _MARKS):
        return _of_skeleton(problem, text) or problem
    # Tags are another tool's language, such as !Ref; nobody means them for a catalog.
    if "{{" in text or "{%" in text or problem.code == "tag":
        return None
    return replace(
        problem,
        severity=WARNING,
        message=f"Left out, since nothing says it is the catalog's: {problem.message}",
    )


def _of_skeleton(problem: Problem, text: str) -> Problem | None:
    """What is unreadable because it is still to be filled in."""
    lines, number = text.splitlines(), problem.line or 0
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    if "{{" not in line and "{%" not in line:
        return None
    message = f"Left out, since it is a template: {line[:60]!r}."
    told = Problem("template", message, _TEMPLATE_REMEDY, WARNING)
    return told.placed(problem.path, problem.line, problem.column)


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


def _filled(
    doc: Doc, include: Include, subject: str
) -> tuple[list[Problem], list[Problem]]:
    """Fill the placeholders of a document: what broke, and the secrets that came in."""
    secrets: list[Problem] = []

    def without_secrets(target: str) -> bytes:
        content, withheld = secrecy.withhold_raw(include(target))
        secrets.extend(secrecy.warning_of_file(one, target) for one in withheld)
        return content if isinstance(content, bytes) else content.encode()

    broken = placeholders.fill(doc, without_secrets)
    # What JSON wrote with escapes is plain now.
    text, late = secrecy.withhold(doc.text)
    if late:
        doc.text, doc.data = text, dialect.build(text, doc.line, None)
        secrets.extend(secrecy.warning_of_file(one, "What came in") for one in late)
    return [replace(problem, subject=subject) for problem in broken], secrets


def _validate(
    doc: Doc, found: FileReading, include: Include, withheld: list[Withheld]
) -> None:
    subject = subject_of(doc.data)
    problems: list[Problem] = []
    is_written = withheld and doc.origin is None
    complaints = secrecy.warnings(doc, withheld) if is_written else []
    # The sign is rare, and looking for it costs next to nothing.
    if "$" in doc.text:
        broken, secrets = _filled(doc, include, subject)
        complaints += secrets
        if broken:
            # What its values are taken for is seen all the same.
            found.problems += [*broken, *_remarks(doc, found.path, subject)]
            return
    complaints = [*validation.check(doc.data), *complaints]
    for problem in _bounded(complaints):
        line, column = problem.line, problem.column
        if line is None:
            line, column = doc.place(problem.at)
        placed = doc.as_written(problem).placed(found.path, line, column)
        problems.append(replace(placed, subject=subject, begins=doc.line))
    problems += _remarks(doc, found.path, subject)
    found.problems += problems
    if not any(problem.is_error for problem in problems):
        digest = digest_of(doc.text)
        found.candidates.append(Candidate(subject, doc, digest, tuple(problems)))


def _remarks(doc: Doc, path: str, subject: str) -> list[Problem]:
    """What the reader noted: values that other tools may take for something else."""
    return [replace(remark, path=path, subject=subject) for remark in doc.remarks]


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
    if kind is None or name is None:
        return ""
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
                # What was joined from several files counts other lines than they do.
                first_one = place if holder.doc.path else "the one further up"
                file.refuse(duplicate(candidate, first_one))
        file.candidates = whole(file.candidates, kept)
    return first


def whole(all_of: list[Candidate], kept: list[Candidate]) -> list[Candidate]:
    """What is kept, without groups that were refused in part."""
    refs_kept = {candidate.ref for candidate in kept}
    broken = {one.doc.group for one in all_of if one.ref not in refs_kept} - {""}
    if not broken:
        return kept
    return [candidate for candidate in kept if candidate.doc.group not in broken]


def duplicate(candidate: Candidate, first: str) -> Problem:
    """The complaint about a name that is taken; `first` says who keeps it."""
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
