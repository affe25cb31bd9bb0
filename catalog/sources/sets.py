"""Sets: documents that are applied together under a name, and pruned by it.

What was applied with a set before and is not in it any more is taken away where that is
asked for: only what was made here, what the asker sees, and nothing where one document
is refused, because it may be about one of those that seem to be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.sources import applying, made_here, processing, vanishing
from catalog.sources.applying import Cause
from catalog.sources.models import SetMember
from catalog.sources.outcome import Outcome, outcome_of
from catalog.sources.planning import Plan
from catalog.sources.provider import SourceError

NAME = r"^([A-Za-z0-9][-_.A-Za-z0-9]{0,62})?$"
# More than so many are to be confirmed, whatever the size of the set.
MANY = 25
_REFUSED = "Nothing was taken away: a document was refused."


@dataclass(frozen=True)
class Wanted:
    """Into which set, whether the rest of it goes, and how many may; without a name
    into none."""

    name: str = ""
    prune: bool = False
    confirm: int | None = None


ALONE = Wanted()


class TooMany(SourceError):
    """A large part of a set would go, which nobody confirmed. Nothing was changed."""

    def __init__(self, name: str, lost: int, total: int) -> None:
        super().__init__(
            f"{lost} of {total} entities of the set {name} would be taken away; "
            "nothing was changed.",
            "Look at them with a dry run. If that is right, confirm it: "
            f"prune_confirm={lost}, or --prune-confirm {lost}.",
        )


class Changed(SourceError):
    """It is not the version that the asker knows. Nothing was changed."""


@dataclass(frozen=True)
class _Missing:
    """What a set has and does not hold any more, of how many."""

    rows: list[Entity]
    total: int

    @property
    def confirm(self) -> int | None:
        """How many somebody has to confirm; None where it is a small part."""
        lost = len(self.rows)
        large = lost > 1 and lost * vanishing.SHARE > self.total
        return lost if large or lost > MANY else None


def preview(text: str, wanted: Wanted, viewer: Viewer, match: str = "") -> Outcome:
    """What `take` would do."""
    check(wanted)
    plan = processing.preview_text(text, viewer=viewer)
    _check_match(plan, match)
    refused = _has_errors(plan)
    missing = _missing(processing.accepted(plan), wanted, viewer)
    return _told(outcome_of(plan), missing, wanted, refused=refused)


def take(
    text: str, wanted: Wanted, viewer: Viewer, cause: Cause, match: str = ""
) -> Outcome:
    """Declare documents, as members of a set where one is named, and take away what it
    does not hold any more where that is wanted. `match` are the versions that the asker
    knows, as If-Match has them; empty for any. Raises TooMany and Changed."""
    check(wanted)
    gathered = processing.examined(text)
    with processing.locked():
        source = processing.here()
        plan = processing.plan_of(source, gathered, viewer)
        _check_match(plan, match)
        refused, refs = _has_errors(plan), processing.accepted(plan)
        missing = _missing(refs, wanted, viewer)
        goes = missing.rows and not refused
        if goes and missing.confirm not in (None, wanted.confirm):
            raise TooMany(wanted.name, len(missing.rows), missing.total)
        outcome = processing.take(source, plan, cause)
        _remember(refs, wanted.name)
        if goes:
            applying.remove_all(missing.rows, cause)
    return _told(outcome, missing, wanted, refused=refused)


def check(wanted: Wanted) -> None:
    """Raises SourceError for a set that cannot be."""
    if not re.fullmatch(NAME, wanted.name):
        raise SourceError(
            f"{wanted.name[:80]!r} is no name of a set.",
            "Use letters, digits, -, _ and ., at most 63.",
        )
    if wanted.prune and not wanted.name:
        raise SourceError("To prune needs the name of a set.", "Name it, each time.")


def is_known(match: str, etag: str, digest: str) -> bool:
    """Is a version among those of an If-Match, by what it says or by its very text? A
    star stands for any."""
    return match.strip() == "*" or f'"{etag}"' in match or f'"{digest}"' in match


def _check_match(plan: Plan, match: str) -> None:
    """Has somebody else changed or removed what the asker knows?"""
    if not match:
        return
    if plan.added:
        raise Changed(
            f"{plan.added[0].ref} is not there, or not any more.",
            "To add it, send it without If-Match.",
        )
    changed = [known.ref for _, known in plan.changed]
    rows = Entity.objects.filter(ref__in=changed)
    for ref, etag, digest in rows.values_list("ref", "etag", "digest"):
        if not is_known(match, etag, digest):
            raise Changed(
                f"{ref} has changed meanwhile: its ETag is {etag}.",
                "Get it again, and apply your change to it.",
            )


def _has_errors(plan: Plan) -> bool:
    return any(problem.is_error for problem in plan.problems)


def _missing(refs: Iterable[str], wanted: Wanted, viewer: Viewer) -> _Missing:
    if not wanted.prune:
        return _Missing([], 0)
    members = SetMember.objects.filter(name=wanted.name).values("entity_id")
    rows = Entity.objects.visible_to(viewer).light().filter(pk__in=members)
    ours = [
        row
        for row in rows.select_related("identity", "source").order_by("ref")
        if made_here.may_change(row, viewer)
    ]
    kept = set(refs)
    return _Missing([row for row in ours if row.ref not in kept], len(ours))


def _told(
    outcome: Outcome, missing: _Missing, wanted: Wanted, *, refused: bool
) -> Outcome:
    if refused:
        outcome.note = _REFUSED if wanted.prune else ""
        return outcome
    outcome.gone = [row.ref for row in missing.rows]
    outcome.removed = len(outcome.gone)
    outcome.confirm = missing.confirm
    return outcome


def _remember(refs: list[str], name: str) -> None:
    """These are of this set now, as far as they live here."""
    if not name:
        return
    home = processing.here()
    for start in range(0, len(refs), 500):
        rows = Entity.objects.filter(ref__in=refs[start : start + 500], source=home)
        SetMember.objects.bulk_create(
            [
                SetMember(entity_id=pk, name=name)
                for pk in rows.values_list("pk", flat=True)
            ],
            update_conflicts=True,
            unique_fields=["entity"],
            update_fields=["name"],
        )
