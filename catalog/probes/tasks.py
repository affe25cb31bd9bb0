"""Celery tasks: what follows from the looks, and need not be at once."""

from __future__ import annotations

from celery import shared_task

from catalog.probes import rolling


@shared_task
def roll_up() -> int:
    """Sum up the samples, and let old ones go. Returns how many sums were made."""
    return rolling.roll_up()
