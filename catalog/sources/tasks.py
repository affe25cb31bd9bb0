"""Celery tasks: read what is due. Due times are rows, because a queue may lose."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from catalog.sources import processing
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


def _due() -> list[int]:
    due = Source.objects.filter(paused=False, due_at__lte=timezone.now())
    return list(due.exclude(provider="here").values_list("pk", flat=True))


@shared_task
def refresh_source(source_id: int) -> str:
    """Read one source, again when it was asked for meanwhile. Returns the summary."""
    while processing.claim(source_id):
        try:
            outcome = processing.refresh(Source.objects.get(pk=source_id))
        except Exception:
            processing.note_crash(source_id)
            raise
        finally:
            asked_again = processing.release(source_id)
        if not asked_again:
            return outcome.error or outcome.summary
    processing.ask_again(source_id)
    return "busy"
