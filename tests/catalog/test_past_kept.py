"""What goes is the oldest of an entity, so that nothing hidden is uncovered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.entities import past, retention
from catalog.entities.models import Revision
from catalog.entities.viewer import Viewer
from tests.catalog.documents import declare, document, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WEB = "component:default/web"
MEMBER = Viewer(signed_in=True)


def keys() -> list[int]:
    rows = Revision.objects.filter(identity__ref=WEB).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def age(chosen: list[int], days: int) -> None:
    moment = timezone.now() - timedelta(days=days)
    Revision.objects.filter(pk__in=chosen).update(at=moment)


def test_a_clock_that_went_back_uncovers_nothing_that_was_hidden():
    declare(document(title="Old"))
    declare(document(title="Secret", annotations=seen_by("user:alice")))
    for number in range(3):
        declare(document(title=f"T{number}"))
    made = keys()
    age(made[1:], 500)  # The first of all seems the youngest.
    before = set(past.of_all(MEMBER).values_list("pk", flat=True))
    assert made[0] not in before
    retention.forget(400, kept=1)
    assert keys()[0] == made[0]
    assert set(past.of_all(MEMBER).values_list("pk", flat=True)) == before


def test_a_few_go_at_a_time_and_the_oldest_first(monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 2)
    for number in range(8):
        declare(document(title=f"T{number}"))
    made = keys()
    age(made, 500)
    assert retention.forget(400, kept=1, most=3) == 4
    assert keys() == made[4:]
    assert retention.forget(400, kept=1, most=3) == 3
    assert keys() == made[-1:]


def test_it_costs_one_query_when_nothing_is_old():
    declare(document())
    with CaptureQueriesContext(connection) as queries:
        retention.forget(400)
    assert len(queries) == 1
