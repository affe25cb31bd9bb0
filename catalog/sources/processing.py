"""The one write path of documents: refresh a source, declare a text, add a source.

Reading and validation happen outside; comparing and writing in one short transaction
that holds the catalog's lock, so that two workers never interleave.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from catalog.entities.models import CatalogState, Entity
from catalog.entities.problems import Problem
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import applying
from catalog.sources.applying import Cause
from catalog.sources.candidates import examine, without_duplicates
from catalog.sources.gathering import Gathered, gather
from catalog.sources.models import Source, SourceFile
from catalog.sources.planning import Plan, make_plan
from catalog.sources.provider import SourceError, provider_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

HERE = "Made here"
_BUSY = timedelta(minutes=15)


@dataclass
class Outcome:
    """What a change did, in numbers, and what it refused."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def summary(self) -> str:
        """`41 added, 2 changed, 1 refused`; only what is not zero."""
        names = ("added", "changed", "unchanged", "removed", "refused")
        parts = [
            f"{getattr(self, name)} {name}" for name in names if getattr(self, name)
        ]
        return ", ".join(parts) or "nothing found"


def outcome_of(plan: Plan) -> Outcome:
    """A plan in numbers."""
    refused = {(p.path, p.line) for p in plan.problems if p.is_error}
    changed = [candidate for candidate, _ in plan.changed]
    return Outcome(
        added=len(plan.added),
        changed=len(changed),
        unchanged=plan.unchanged + len(plan.moved),
        removed=len(plan.orphaned),
        refused=len(refused),
        problems=plan.problems,
        refs=[candidate.ref for candidate in [*plan.added, *changed]],
    )


def add_source(
    target: str,
    *,
    name: str = "",
    author: AbstractBaseUser | None = None,
    example: bool = False,
    people: bool = True,
) -> Source:
    """The source for a folder, a file or a URL; the present one if it was added before.

    With `people` whoever adds it lets it declare Groups and Users, and so grant sight.
    Raises SourceError with a sentence when the target cannot be read.
    """
    source = source_for(target)
    present = Source.objects.filter(
        provider=source.provider, target=source.target
    ).first()
    if present:
        return present
    provider_of(source).check()
    source.name = _free_name(name or _name_of(source.target))
    source.example, source.may_declare_people = example, people
    source.created_by_id = author.pk if author else None
    source.save()
    return source


def source_for(target: str) -> Source:
    """An unsaved source for a folder, a file or a URL. Raises SourceError."""
    target = target.strip()
    if not target:
        raise SourceError("Name a folder, a file or a URL.")
    if re.match(r"https?://", target):
        if "@" in target.partition("://")[2].partition("/")[0]:
            raise SourceError(
                "The URL holds a user name or a password, which everybody would read.",
                "Leave it out.",
            )
        return Source(provider="url", target=target)
    if "://" in target:
        raise SourceError(f"{target} is neither a path nor an http or https URL.")
    try:
        path = Path(target).expanduser().resolve()
    except (RuntimeError, ValueError) as error:
        raise SourceError(f"{target!r} is no path: {error}.") from error
    return Source(provider="folder", target=str(path))


def dry_run(target: str, *, people: bool = True) -> Outcome:
    """What importing a target would do. Raises SourceError."""
    unsaved = source_for(target)
    unsaved.may_declare_people = people
    present = Source.objects.filter(
        provider=unsaved.provider, target=unsaved.target
    ).first()
    return outcome_of(preview(present or unsaved))


def _name_of(target: str) -> str:
    if "://" in target:
        # What follows a question mark may be a token, and everybody reads the name.
        return target.partition("://")[2].partition("?")[0]
    path = Path(target)
    return path.name if path.is_dir() else f"{path.parent.name}/{path.name}"


def _free_name(wanted: str) -> str:
    taken = set(Source.objects.values_list("name", flat=True))
    name, number = wanted[:190], 2
    while name in taken:
        name, number = f"{wanted[:190]} {number}", number + 1
    return name


def here() -> Source:
    """The source of all documents that were made in the portal."""
    source, _ = Source.objects.get_or_create(
        provider="here",
        target="",
        defaults={"name": HERE, "interval": 0, "may_declare_people": True},
    )
    return source


def preview(source: Source) -> Plan:
    """What a refresh would do. Raises SourceError."""
    if not source.pk:
        return make_plan(source, gather(provider_of(source)), ())
    return make_plan(source, _gather(source), _known_paths(source))


def declare(
    text: str,
    *,
    author: AbstractBaseUser | None = None,
    door: str,
    reason: str = "",
    viewer: Viewer = EVERYTHING,
) -> Outcome:
    """Take documents that were written here. Good ones are taken, bad ones explained.

    `viewer` is who declares: a name that is taken out of their sight is refused
    without saying by what.
    """
    source = here()
    gathered = _examined(text)
    cause = cause_of(door, author, reason)
    with locked():
        plan = make_plan(source, gathered, (), complete=False, viewer=viewer)
        # What was pasted has no file that could be read again. What was refused leaves
        # no trace: it may be about an entity that its author cannot see.
        found, plan.files = plan.problems, []
        plan.pasted = [candidate.ref for candidate in gathered.candidates]
        taken = set(plan.pasted)
        plan.problems = [p for p in found if not p.is_error and p.subject in taken]
        applying.apply(source, plan, cause)
        plan.problems = found
    return outcome_of(plan)


def preview_text(text: str, *, viewer: Viewer = EVERYTHING) -> Plan:
    """What declaring a text would do."""
    return make_plan(here(), _examined(text), (), complete=False, viewer=viewer)


def _examined(text: str) -> Gathered:
    file = examine(text, "")
    without_duplicates([file])
    return Gathered([file])


def refresh(
    source: Source,
    *,
    author: AbstractBaseUser | None = None,
    door: str = "",
    reason: str = "",
) -> Outcome:
    """Read a source and take over what it says. Never raises for bad input.

    A source that cannot be read keeps its last good state and says so.
    """
    started = time.monotonic()
    try:
        if not provider_of(source).reads:
            return Outcome()
        gathered = _gather(source)
    except SourceError as error:
        _note(source, started, state=Source.FAILED, error=str(error))
        return Outcome(error=str(error))
    cause = cause_of(door or source.provider, author, reason)
    with locked():
        plan = make_plan(source, gathered, _known_paths(source))
        applying.apply(source, plan, cause)
    outcome = outcome_of(plan)
    open_errors = source.findings.filter(severity="error").exists()
    state = Source.ERRORS if open_errors else Source.OK
    _note(source, started, state=state, summary=outcome.summary)
    return outcome


def _gather(source: Source) -> Gathered:
    known = {row.path: row for row in SourceFile.objects.filter(source=source)}
    return gather(provider_of(source), known, _location_targets(source))


def _location_targets(source: Source) -> dict[str, list[dict[str, Any]]]:
    targets: dict[str, list[dict[str, Any]]] = {}
    for entity in Entity.objects.filter(source=source, kind="Location"):
        targets.setdefault(entity.path, []).append(entity.spec)
    return targets


def _known_paths(source: Source) -> list[str]:
    paths = SourceFile.objects.filter(source=source).values_list("path", flat=True)
    return list(paths)


def cause_of(door: str, author: AbstractBaseUser | None, reason: str) -> Cause:
    """Who changes the catalog, and by which door."""
    name = str(author) if author else ""
    return Cause(door=door, author=author, author_name=name, reason=reason)


@contextmanager
def locked() -> Iterator[None]:
    """A transaction in which nobody else changes the catalog.

    SQLite's transactions are exclusive already; PostgreSQL waits on one row.
    """
    CatalogState.objects.get_or_create(pk=1)
    with transaction.atomic():
        CatalogState.objects.select_for_update().get(pk=1)
        yield


def _note(
    source: Source, started: float, *, state: str, summary: str = "", error: str = ""
) -> None:
    now = timezone.now()
    source.state = state
    source.last_run_at = now
    source.last_seconds = time.monotonic() - started
    source.last_error = error
    if not error:
        source.last_ok_at, source.last_summary = now, summary
    source.save(
        update_fields=[
            "state",
            "last_run_at",
            "last_ok_at",
            "last_seconds",
            "last_summary",
            "last_error",
        ]
    )


def release_all() -> None:
    """Free every claim. Only for the one worker of a small house, when it starts: what
    it finds claimed was left by one that was killed."""
    claimed = Source.objects.exclude(busy_until=None)
    claimed.update(busy_until=None, due_at=timezone.now())


def note_crash(source_id: int) -> None:
    """Say on the source that a refresh ended in a fault of ours; nothing changed."""
    Source.objects.filter(pk=source_id).update(
        state=Source.FAILED,
        last_run_at=timezone.now(),
        last_error="Greenroom failed while reading it; nothing was changed. "
        "The log of the worker says more.",
    )


def claim(source_id: int) -> bool:
    """Take a source for a refresh; False when another worker has it."""
    now = timezone.now()
    free = Source.objects.filter(pk=source_id).exclude(busy_until__gt=now)
    # Should the worker die, the source is due again when the claim ends.
    return bool(free.update(busy_until=now + _BUSY, due_at=now + _BUSY))


def release(source_id: int) -> bool:
    """Give a source back, and set when it is due again. True when it was asked for
    while it was busy, so that it has to be read once more."""
    now = timezone.now()
    rows = Source.objects.filter(pk=source_id)
    interval = rows.values_list("interval", flat=True).first() or 0
    due_at = now + timedelta(seconds=max(5, interval))
    if rows.filter(due_at__gt=now).update(busy_until=None, due_at=due_at):
        return False
    return bool(rows.update(busy_until=None))


def ask_again(source_id: int) -> None:
    """Make a source due now."""
    Source.objects.filter(pk=source_id).update(due_at=timezone.now())
