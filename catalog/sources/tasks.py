"""Celery tasks: read what is due. Due times are rows, because a queue may lose."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from catalog.sources import claims, copies, managing, processing, runs
from catalog.sources.models import Source

log = logging.getLogger(__name__)


@shared_task
def tick() -> int:
    """Publish a refresh for every source that is due. Returns how many."""
    try:
        keys = _due()
    except OperationalError as error:
        log.warning("The database does not answer: %s; trying again in 10 s.", error)
        return 0
    for key in keys:
        refresh_source.apply_async((key,), expires=60)
    return len(keys)


@shared_task
def remove_old_orphans() -> int:
    """Take away what no source has declared for its time of grace. Returns how many."""
    return managing.remove_old_orphans()


@shared_task
def remove_unused_copies() -> int:
    """Take away copies of repositories that no source reads. Returns how many."""
    return copies.remove_unused()


def _due() -> list[int]:
    due = Source.objects.filter(paused=False, due_at__lte=timezone.now())
    return list(due.exclude(provider="here").values_list("pk", flat=True))


def ask_to_read(source: Source, reason: str) -> int:
    """Ask the worker to read a source at once. Returns the key of its newest reading:
    the one that was asked for comes after it."""
    newest = source.runs.order_by("-id").values_list("pk", flat=True).first()
    refresh_source.apply_async((source.pk, reason), expires=60)
    return newest or 0


# A first clone takes as long as it takes; the claim of a source ends after these.
@shared_task(soft_time_limit=13 * 60, time_limit=14 * 60)
def refresh_source(source_id: int, reason: str = "") -> str:
    """Read one source, again when it was asked for meanwhile. Returns the summary."""
    while claims.claim(source_id):
        try:
            source = Source.objects.get(pk=source_id)
            why = claims.reason_of(source_id) or reason
            outcome = processing.refresh(source, reason=why)
        except Exception:
            runs.note_crash(source_id)
            raise
        finally:
            asked_again = claims.release(source_id)
        if not asked_again:
            return outcome.error or outcome.summary
    claims.ask_again(source_id, reason)
    return "busy"
