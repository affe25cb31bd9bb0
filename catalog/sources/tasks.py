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
    if not processing.claim(source_id):
        processing.ask_again(source_id)
        return "busy"
    again, summary = True, ""
    while again:
        try:
            source = Source.objects.get(pk=source_id)
            outcome = processing.refresh(source)
            summary = outcome.error or outcome.summary
        except Exception:
            processing.note_crash(source_id)
            raise
        finally:
            again = processing.release(source_id)
    return summary
