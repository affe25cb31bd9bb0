"""Comparing what was read with what the catalog has: the plan of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from catalog import refs
from catalog.entities.models import Entity, EntityQuerySet
from catalog.entities.problems import WARNING, Problem
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import limits
from catalog.sources.candidates import Candidate, FileReading, duplicate, whole
from catalog.sources.gathering import Gathered
from catalog.sources.limits import PEOPLE
from catalog.sources.models import Source

_CHUNK = 900
# Complaints about a name that another document keeps.
_NAMES = ("duplicate", "taken", "unavailable")


@dataclass(frozen=True)
class Known:
    """What the catalog has under one reference."""

    pk: int
    ref: str
    digest: str
    path: str
    line: int
    source_id: int
    orphaned: bool
    audience: str


@dataclass
class Plan:
    """What applying would do. Nothing of it has happened yet.

    `pasted` are the references of documents that have no file; `present` is how many
    entities the source has now, orphans left out.
    """

    added: list[Candidate] = field(default_factory=list)
    changed: list[tuple[Candidate, Known]] = field(default_factory=list)
    moved: list[tuple[Candidate, Known]] = field(default_factory=list)
    unchanged: int = 0
    orphaned: list[Known] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    files: list[FileReading] = field(default_factory=list)
    gone_paths: list[str] = field(default_factory=list)
    pasted: list[str] = field(default_factory=list)
    present: int = 0

    @property
    def touches_entities(self) -> bool:
        """Would applying change, add, move or orphan any entity?"""
        return bool(self.added or self.changed or self.moved or self.orphaned)

    @property
    def is_empty(self) -> bool:
        """Would applying write nothing at all?"""
        return not (
            self.touches_entities or self.files or self.gone_paths or self.pasted
        )


def make_plan(
    source: Source,
    gathered: Gathered,
    known_paths: Iterable[str],
    *,
    complete: bool = True,
    viewer: Viewer = EVERYTHING,
) -> Plan:
    """Compare. `complete` means that what was not read is gone; `viewer` is who asks,
    so that a name that is taken out of sight is refused without saying by what.

    Candidates that are refused are taken out of their files.
    """
    plan = Plan(files=gathered.files)
    own = _own_entities(source) if complete else {}
    plan.present = sum(not known.orphaned for known in own.values())
    existing = own | _named(gathered, own)
    hidden = _hidden(existing, viewer)
    seen: set[str] = set()
    for file in gathered.files:
        kept = []
        for candidate in file.candidates:
            known = existing.get(candidate.ref)
            is_hidden = candidate.ref in hidden
            problem = _refusal(source, candidate, known, viewer, is_hidden=is_hidden)
            problem = problem or _duplicate(source, candidate, known, gathered)
            if problem:
                file.problems += [problem, *_told_to_holder(source, candidate, problem)]
            else:
                kept.append(candidate)
        file.candidates = whole(file.candidates, kept)
        seen.update(candidate.ref for candidate in file.candidates)
        _sort_in(plan, source, file, existing)
    if complete:
        _find_vanished(plan, gathered, own, seen, known_paths)
    plan.problems = _told(gathered.problems, source, seen, existing)
    return plan


def _told(
    problems: Iterable[Problem],
    source: Source,
    seen: set[str],
    existing: Mapping[str, Known],
) -> list[Problem]:
    """The problems with their true subjects. The source that keeps a document warns of
    it already."""
    return [
        _with_true_subject(problem, source, seen, existing)
        for problem in problems
        if problem.is_error
        or problem.code == "contested"
        or not _is_shared(source, existing.get(problem.subject))
    ]


def _own_entities(source: Source) -> dict[str, Known]:
    if not source.pk:
        return {}
    return _known(Entity.objects.filter(source=source))


def _named(gathered: Gathered, own: Mapping[str, Known]) -> dict[str, Known]:
    """What the catalog has of all that was read, beside what is the source's own."""
    wanted = {
        candidate.ref for file in gathered.files for candidate in file.candidates
    } | {problem.subject for problem in gathered.problems if problem.subject}
    missing = sorted(wanted - set(own))
    found: dict[str, Known] = {}
    for start in range(0, len(missing), _CHUNK):
        part = missing[start : start + _CHUNK]
        found |= _known(Entity.objects.filter(ref__in=part))
    return found


def _known(rows: EntityQuerySet) -> dict[str, Known]:
    found = rows.values_list(
        "pk",
        "ref",
        "digest",
        "path",
        "line",
        "source_id",
        "orphan_since",
        "audience",
    )
    return {
        ref: Known(pk, ref, digest, path, line, source_id, since is not None, audience)
        for pk, ref, digest, path, line, source_id, since, audience in found
    }


def _hidden(existing: Mapping[str, Known], viewer: Viewer) -> set[str]:
    """The references of what this viewer may not see of it."""
    unsure = [
        known.ref
        for known in existing.values()
        if not viewer.surely_sees(known.audience, known.source_id)
    ]
    seen: set[str] = set()
    for start in range(0, len(unsure), _CHUNK):
        part = unsure[start : start + _CHUNK]
        rows = Entity.objects.visible_to(viewer).filter(ref__in=part)
        seen.update(rows.values_list("ref", flat=True))
    return set(unsure) - seen


def _refusal(
    source: Source,
    candidate: Candidate,
    known: Known | None,
    viewer: Viewer,
    *,
    is_hidden: bool,
) -> Problem | None:
    """Why this source may not declare this entity, or None."""
    limited = limits.refusal(source, candidate.data, candidate.namespace)
    if limited is not None:
        return _placed(limited, candidate)
    if candidate.data["kind"] in PEOPLE and not (
        source.may_declare_people and viewer.sees_all
    ):
        return _problem(
            candidate,
            "people",
            f"A {candidate.data['kind']} may not be declared here: it can grant sight.",
            "Ask an administrator to declare it, or to allow it for this source.",
        )
    if known is None:
        return None
    if is_hidden:
        return _problem(
            candidate,
            "unavailable",
            f"The name {refs.short(candidate.ref)} is not available.",
            "Choose another.",
        )
    return _taken(source, candidate, known)


def _taken(source: Source, candidate: Candidate, known: Known) -> Problem | None:
    """Does another source keep this name, for a document that says something else?"""
    own = known.source_id == source.pk or known.orphaned
    if own or known.digest == candidate.digest:
        return None
    holder = Source.objects.get(pk=known.source_id)
    place = f" ({known.path}:{known.line})" if known.path else ""
    return _problem(
        candidate,
        "taken",
        f"{refs.short(candidate.ref)} is already declared by {holder.name}{place}, "
        "which keeps it.",
        "Remove it from one of the two, or rename it.",
    )


def _duplicate(
    source: Source, candidate: Candidate, known: Known | None, gathered: Gathered
) -> Problem | None:
    """Does another file of this source, which was not read again, declare it too?"""
    if known is None or known.orphaned or known.source_id != source.pk:
        return None
    if known.path == candidate.doc.path or known.path not in gathered.unchanged:
        return None
    return duplicate(candidate, f"{known.path}:{known.line}")


def _is_shared(source: Source, known: Known | None) -> bool:
    """Does another source keep the same document?"""
    return bool(known and known.source_id != source.pk and not known.orphaned)


def _problem(candidate: Candidate, code: str, message: str, remedy: str) -> Problem:
    return _placed(Problem(code, message, remedy, at=("metadata", "name")), candidate)


def _placed(problem: Problem, candidate: Candidate) -> Problem:
    line, column = candidate.doc.place(problem.at)
    at = candidate.doc.field_in_origin(problem.at)
    named = replace(problem, subject=candidate.ref, at=at)
    return named.placed(candidate.doc.path, line, column)


def _told_to_holder(
    source: Source, candidate: Candidate, problem: Problem
) -> Iterator[Problem]:
    """What the entity that keeps the name says of the other document, where it may be
    known that there is one."""
    if problem.code != "taken":
        return
    path, line = candidate.doc.path, candidate.doc.line
    place = f" ({path}:{line})" if path else ""
    yield _placed(
        Problem(
            "contested",
            f"{source.name or 'Another source'}{place} declares "
            f"{refs.short(candidate.ref)} too; what it says is not taken.",
            "Remove it from one of the two, or rename it.",
            WARNING,
            ("metadata", "name"),
        ),
        candidate,
    )


def _sort_in(
    plan: Plan, source: Source, file: FileReading, existing: Mapping[str, Known]
) -> None:
    """What becomes of the candidates of a file that were not refused."""
    for candidate in file.candidates:
        known = existing.get(candidate.ref)
        if warning := limits.widening(source, candidate.data):
            file.refuse(_placed(warning, candidate))
        file.is_shared |= _is_shared(source, known)
        _sort_one(plan, source, candidate, known)


def _sort_one(
    plan: Plan, source: Source, candidate: Candidate, known: Known | None
) -> None:
    if known is None:
        plan.added.append(candidate)
    elif known.digest != candidate.digest:
        plan.changed.append((candidate, known))
    elif _is_shared(source, known):
        plan.unchanged += 1
    elif (
        known.orphaned
        or known.source_id != source.pk
        or _is_elsewhere(candidate, known)
    ):
        plan.moved.append((candidate, known))
    else:
        plan.unchanged += 1


def _is_elsewhere(candidate: Candidate, known: Known) -> bool:
    """Has it moved? What was made here has no place."""
    doc = candidate.doc
    return bool(doc.path) and (known.path, known.line) != (doc.path, doc.line)


def _find_vanished(
    plan: Plan,
    gathered: Gathered,
    own: Mapping[str, Known],
    seen: set[str],
    known_paths: Iterable[str],
) -> None:
    """What this source declared and does not declare any more.

    A file with an error keeps everything that it declared: the last good state stays.
    """
    keep = gathered.unchanged | {f.path for f in gathered.files if not f.is_whole}
    present = gathered.unchanged | {file.path for file in gathered.files}
    gone = set(known_paths) - present
    plan.gone_paths = sorted(path for path in gone if not _is_in(path, keep))
    for ref, known in own.items():
        if known.path in gathered.unchanged:
            plan.unchanged += not known.orphaned
        elif ref not in seen and not (known.orphaned or _is_in(known.path, keep)):
            plan.orphaned.append(known)


def _is_in(path: str, paths: set[str]) -> bool:
    """Is it one of them, or does it lie in a folder that is one of them?"""
    return path in paths or any(str(up) in paths for up in PurePosixPath(path).parents)


def _with_true_subject(
    problem: Problem, source: Source, seen: set[str], existing: Mapping[str, Known]
) -> Problem:
    """A subject counts only when the catalog has it, or gets it, from that file."""
    if problem.code == "contested":
        return problem
    known = existing.get(problem.subject)
    own = known and (known.source_id, known.path) == (source.pk, problem.path)
    if own or (problem.subject in seen and problem.code not in _NAMES):
        return problem
    return replace(problem, subject="")
