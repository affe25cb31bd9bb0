"""The one write path of documents: refresh a source, declare a text.

Reading and validation happen outside; comparing and writing in one short transaction
that holds the catalog's lock, so that two workers never interleave.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction

from catalog.entities import hot
from catalog.entities.models import CatalogState, Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.sources import applying, vanishing
from catalog.sources.applying import Cause
from catalog.sources.candidates import examine, without_duplicates
from catalog.sources.gathering import Gathered, Tell, gather, nobody
from catalog.sources.models import Source, SourceFile
from catalog.sources.outcome import Outcome, outcome_of
from catalog.sources.planning import Plan, make_plan
from catalog.sources.provider import Provider, SourceError, provider_of
from catalog.sources.runs import Running

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser

HERE = "Made here"
# Seconds that somebody waits for a preview.
PATIENCE = 45.0


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
    with closing(provider_of(source)) as provider:
        provider.patience = PATIENCE
        if not source.pk:
            return make_plan(source, gather(provider), ())
        gathered = _gather(source, provider, nobody)
    return make_plan(source, gathered, _known_paths(source))


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
    gathered = examined(text)
    cause = cause_of(door, author, reason)
    with locked():
        source = here()
        return take(source, plan_of(source, gathered, viewer), cause)


def plan_of(source: Source, gathered: Gathered, viewer: Viewer) -> Plan:
    """What declaring documents that were written `here` would do."""
    return make_plan(source, gathered, (), complete=False, viewer=viewer)


def take(source: Source, plan: Plan, cause: Cause) -> Outcome:
    """Write such a plan. Inside the catalog's lock."""
    # What was pasted has no file that could be read again. What was refused leaves
    # no trace: it may be about an entity that its author cannot see.
    found, plan.pasted = plan.problems, accepted(plan)
    plan.files = []
    taken = set(plan.pasted)
    plan.problems = [p for p in found if not p.is_error and p.subject in taken]
    applying.apply(source, plan, cause)
    plan.problems = found
    return outcome_of(plan)


def accepted(plan: Plan) -> list[str]:
    """The references of the documents that a plan would take, or has already."""
    return [candidate.ref for file in plan.files for candidate in file.candidates]


def preview_text(text: str, *, viewer: Viewer = EVERYTHING) -> Plan:
    """What declaring a text would do."""
    return plan_of(here(), examined(text), viewer)


def examined(text: str) -> Gathered:
    """The documents of a text, read and validated."""
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

    A source that cannot be read keeps its last good state and says so; so does one that
    would lose too much at once.
    """
    run = Running(source, reason)
    try:
        provider = provider_of(source)
        if not provider.reads:
            return Outcome()
        with closing(provider):
            gathered = _gather(source, provider, run.tell)
            commit = provider.commit
    except SourceError as error:
        return run.failed(Outcome(error=str(error)))
    cause = cause_of(door or source.provider, author, reason, commit)
    run.tell("Comparing and writing", 0, 0)
    with locked():
        if not _is_still_there(source):
            return Outcome(error="The source was removed meanwhile.")
        plan = make_plan(source, gathered, _known_paths(source))
        outcome = outcome_of(plan)
        is_held = vanishing.is_held(source, plan)
        if not is_held:
            applying.apply(source, plan, cause)
    outcome.commit = commit
    return run.held(outcome, plan) if is_held else run.ended(outcome)


def _is_still_there(source: Source) -> bool:
    """Its limits as they are now: an administrator may have narrowed them meanwhile."""
    try:
        source.refresh_from_db()
    except Source.DoesNotExist:
        return False
    return True


def _gather(source: Source, provider: Provider, tell: Tell) -> Gathered:
    known = {row.path: row for row in SourceFile.objects.filter(source=source)}
    return gather(provider, known, _location_targets(source), tell)


def _location_targets(source: Source) -> dict[str, list[dict[str, Any]]]:
    targets: dict[str, list[dict[str, Any]]] = {}
    for entity in Entity.objects.filter(source=source, kind="Location"):
        targets.setdefault(entity.path, []).append(entity.spec)
    return targets


def _known_paths(source: Source) -> list[str]:
    paths = SourceFile.objects.filter(source=source).values_list("path", flat=True)
    return list(paths)


def cause_of(
    door: str, author: AbstractBaseUser | None, reason: str, commit: str = ""
) -> Cause:
    """Who changes the catalog, by which door, and with which commit."""
    name = str(author) if author else ""
    return Cause(door, author, name, reason, commit)


@contextmanager
def locked() -> Iterator[None]:
    """A transaction in which nobody else changes the catalog.

    SQLite's transactions are exclusive already; PostgreSQL waits on one row.
    """
    with transaction.atomic():
        if not hot.lock():
            CatalogState.objects.get_or_create(pk=1)
            hot.lock()
        yield
