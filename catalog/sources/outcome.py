"""What a change did, in numbers, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.entities.problems import Problem
from catalog.sources.planning import Plan


@dataclass
class Outcome:
    """What a change did, in numbers, and what it refused.

    `gone` is what a set did not hold any more; `confirm` how many somebody has to
    confirm before so many are taken away; `note` why none were.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    refused: int = 0
    problems: list[Problem] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    error: str = ""
    held: int = 0
    files: int = 0
    commit: str = ""
    gone: list[str] = field(default_factory=list)
    note: str = ""
    confirm: int | None = None

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
    # What is told to the holder of a name, the source that is refused hears already.
    told = [problem for problem in plan.problems if problem.code != "contested"]
    # Documents are counted, however many complaints there are about each.
    errors = [problem for problem in plan.problems if problem.is_error]
    refused = {(p.path, p.subject, p.begins or p.line) for p in errors}
    changed = [candidate for candidate, _ in plan.changed]
    return Outcome(
        added=len(plan.added),
        changed=len(changed),
        unchanged=plan.unchanged + len(plan.moved),
        removed=len(plan.orphaned),
        refused=len(refused),
        problems=told,
        files=len(plan.files),
        refs=[candidate.ref for candidate in [*plan.added, *changed]],
    )
