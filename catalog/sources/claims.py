"""Who reads a source now, and when it is due: rows, because every queue may lose."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from catalog.sources.models import Source

# Longer than the time limit of the task, so that nobody reads a source beside it.
BUSY = timedelta(minutes=15)
LEAST = 5


def claim(source_id: int) -> bool:
    """Take a source for a refresh; False when another worker has it."""
    now = timezone.now()
    free = Source.objects.filter(pk=source_id).exclude(busy_until__gt=now)
    # Should the worker die, the source is due again when the claim ends.
    return bool(free.update(busy_until=now + BUSY, due_at=now + BUSY))


def release(source_id: int) -> bool:
    """Give a source back, and set when it is due again. True when it was asked for
    while it was busy, so that it has to be read once more."""
    now = timezone.now()
    rows = Source.objects.filter(pk=source_id)
    interval = rows.values_list("interval", flat=True).first() or 0
    due_at = now + timedelta(seconds=max(LEAST, interval))
    free = {"busy_until": None, "stage": "", "done": 0, "total": 0}
    if rows.filter(due_at__gt=now).update(due_at=due_at, **free):
        return False
    return bool(rows.update(**free))


def release_all() -> None:
    """Free every claim. Only for the one worker of a small house, when it starts: what
    it finds claimed was left by one that was killed."""
    claimed = Source.objects.exclude(busy_until=None)
    claimed.update(busy_until=None, stage="", due_at=timezone.now())


def ask_again(source_id: int, reason: str = "") -> None:
    """Make a source due now, and say why."""
    fields = {"due_reason": reason[:300]} if reason else {}
    Source.objects.filter(pk=source_id).update(due_at=timezone.now(), **fields)


def reason_of(source_id: int) -> str:
    """Why a source was asked for; empty for the regular look. Told once."""
    rows = Source.objects.filter(pk=source_id)
    reason = rows.values_list("due_reason", flat=True).first() or ""
    if reason:
        rows.update(due_reason="")
    return reason
