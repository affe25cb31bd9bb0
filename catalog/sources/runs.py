"""The readings of a source: how far one is while it runs, and what it came to."""

from __future__ import annotations

import json
import time

from django.utils import timezone

from catalog.sources import vanishing
from catalog.sources.models import Run, Source
from catalog.sources.outcome import Outcome
from catalog.sources.planning import Plan

KEPT = 200
_TOLD = 0.5
_COUNTS = ("added", "changed", "unchanged", "removed", "refused", "files")


class Running:
    """One reading of a source, from its start to its end."""

    def __init__(self, source: Source, reason: str = "") -> None:
        self.source = source
        self.reason = reason[:300]
        self.started = time.monotonic()
        self.told = self.started

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say how far it is. Written now and then, so that it costs nothing."""
        now = time.monotonic()
        if now - self.told >= _TOLD:
            self.told = now
            rows = Source.objects.filter(pk=self.source.pk)
            rows.update(stage=stage, done=done, total=total)

    def failed(self, outcome: Outcome) -> Outcome:
        """It could not be read: the last good state stays."""
        self._end(Source.FAILED, outcome)
        return outcome

    def held(self, outcome: Outcome, plan: Plan) -> Outcome:
        """Too much would vanish: the last good state stays until somebody decides."""
        outcome.held = len(plan.orphaned)
        outcome.error = vanishing.SENTENCE
        refs = sorted(known.ref for known in plan.orphaned)
        self.source.held = json.dumps(refs)
        self.source.save(update_fields=["held"])
        self._end(Source.HELD, outcome)
        return outcome

    def ended(self, outcome: Outcome) -> Outcome:
        """It was read and taken over."""
        source = self.source
        if source.held or source.may_lose:
            source.held, source.may_lose = "", 0
            source.save(update_fields=["held", "may_lose"])
        open_errors = source.findings.filter(severity="error").exists()
        self._end(Source.ERRORS if open_errors else Source.OK, outcome)
        return outcome

    def _end(self, state: str, outcome: Outcome) -> None:
        now, source = timezone.now(), self.source
        source.state, source.last_run_at, source.last_error = state, now, outcome.error
        source.last_seconds = time.monotonic() - self.started
        if not outcome.error:
            source.last_ok_at, source.last_summary = now, outcome.summary
            source.commit = outcome.commit
        source.save(
            update_fields=[
                "state",
                "last_run_at",
                "last_ok_at",
                "last_seconds",
                "last_summary",
                "last_error",
                "commit",
            ]
        )
        _write(source, state, outcome, self.reason)


def note_crash(source_id: int) -> None:
    """Say on the source that a refresh ended in a fault of ours; nothing changed."""
    source = Source.objects.filter(pk=source_id).first()
    if source is not None:
        fault = (
            "Greenroom failed while reading it; nothing was changed. The log of the "
            "worker says more."
        )
        Running(source).failed(Outcome(error=fault))


def _write(source: Source, state: str, outcome: Outcome, reason: str) -> None:
    """A row for this reading, or one more look where nothing is new."""
    row = Run(
        source=source,
        reason=reason,
        seconds=source.last_seconds or 0,
        state=state,
        commit=outcome.commit,
        error=outcome.error,
        **{name: getattr(outcome, name) for name in _COUNTS},
    )
    last = Run.objects.filter(source=source).order_by("-id").first()
    if last is not None and _is_same(last, row):
        last.looks += 1
        last.last_at = timezone.now()
        last.save(update_fields=["looks", "last_at"])
        return
    row.save()
    older = Run.objects.filter(source=source).order_by("-id")[KEPT : KEPT + 1]
    for oldest in older.values_list("pk", flat=True):
        Run.objects.filter(source=source, pk__lte=oldest).delete()


def _is_same(last: Run, row: Run) -> bool:
    if row.reason or row.added or row.changed or row.removed:
        return False
    same = ("state", "commit", "error", "refused")
    return all(getattr(last, name) == getattr(row, name) for name in same)
