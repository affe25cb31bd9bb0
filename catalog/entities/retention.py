"""How long history is kept: so many days, and always the newest of each entity."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from catalog.entities.models import Revision

KEPT = 50
_BATCH = 500


def forget(days: int) -> int:
    """Remove revisions older than `days` beyond the newest of their entity; how many.
    Zero days keep everything."""
    if not days:
        return 0
    before = timezone.now() - timedelta(days=days)
    many = Revision.objects.values("identity").annotate(number=Count("pk"))
    removed = 0
    for key in many.filter(number__gt=KEPT).values_list("identity", flat=True):
        rows = Revision.objects.filter(identity_id=key)
        kept = rows.order_by("-id")[KEPT - 1 : KEPT].values_list("pk", flat=True)
        old = rows.filter(pk__lt=kept[0], at__lt=before)
        while batch := list(old.values_list("pk", flat=True)[:_BATCH]):
            removed += Revision.objects.filter(pk__in=batch).delete()[0]
    return removed
