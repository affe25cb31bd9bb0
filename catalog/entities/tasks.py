"""Celery tasks: what is too old goes."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from catalog.entities import retention


@shared_task
def forget_old_revisions() -> int:
    """Keep history as long as the settings say. Returns how many rows went."""
    days = settings.HISTORY_DAYS
    return retention.forget(days) + retention.forget_events(days)
