"""Celery tasks: what follows from the looks, and need not be at once."""

from __future__ import annotations

from celery import shared_task

from catalog.probes import drift, rolling


@shared_task
def roll_up() -> int:
    """Sum up the samples, and let old ones go. Returns how many sums were made."""
    return rolling.roll_up()


@shared_task
def compare_all() -> int:
    """Compare what is declared with what was seen. Returns how much has changed."""
    return drift.refresh_all()
