"""Celery tasks: read what is due. Due times are rows, because a queue may lose."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from catalog.sources import processing
from catalog.sources.models import Source


@shared_task
def tick() -> int:
    """Publish a refresh for every source that is due. Returns how many."""
    due = Source.objects.filter(paused=False, due_at__lte=timezone.now())
    keys = list(due.exclude(provider="here").values_list("pk", flat=True))
    for key in keys:
        refresh_source.apply_async((key,), expires=60)
    return len(keys)


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
