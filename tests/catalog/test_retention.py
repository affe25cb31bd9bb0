"""History is kept so many days, and the newest of each entity in any case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from catalog.entities import retention
from catalog.entities.models import Identity, Revision
from catalog.entities.tasks import forget_old_revisions

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def history(name: str, number: int, days: int) -> Identity:
    identity = Identity.objects.create(ref=f"component:default/{name}")
    at = timezone.now() - timedelta(days=days)
    Revision.objects.bulk_create(
        Revision(identity=identity, at=at, action="changed", door="test", text=str(i))
        for i in range(number)
    )
    return identity


def texts(identity: Identity) -> list[str]:
    rows = Revision.objects.filter(identity=identity).order_by("id")
    return list(rows.values_list("text", flat=True))


def test_only_what_is_old_and_not_among_the_newest_goes():
    old, young = history("old", 70, days=500), history("young", 70, days=100)
    few = history("few", 50, days=5000)
    assert retention.forget(400) == 20
    assert texts(old) == [str(i) for i in range(20, 70)]
    assert len(texts(young)) == 70 and len(texts(few)) == 50
    assert retention.forget(400) == 0


def test_zero_keeps_everything():
    history("old", 70, days=5000)
    assert retention.forget(0) == 0


def test_the_task_asks_the_setting(settings: Any):
    settings.HISTORY_DAYS = 10
    history("old", 60, days=11)
    assert forget_old_revisions() == 10


def test_many_at_once():
    identity = history("old", 1700, days=5000)
    assert retention.forget(1) == 1650
    assert texts(identity)[0] == "1650"
