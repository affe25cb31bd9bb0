"""Claiming and releasing a source, and asking again while it is read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.sources import adding, claims, tasks
from catalog.sources.models import Source
from catalog.sources.tasks import refresh_source
from tests.catalog.documents import document, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def source(folder) -> Source:
    return adding.add_source(str(folder({"a.yaml": text_of(document())})))


def now_of(source: Source) -> Source:
    source.refresh_from_db()
    return source


def test_a_new_source_is_due(source):
    assert source.due_at <= timezone.now()


def test_only_one_has_a_source_at_a_time(source):
    assert claims.claim(source.pk)
    assert not claims.claim(source.pk)
    assert not claims.release(source.pk)
    assert claims.claim(source.pk)


def test_a_released_source_is_due_after_its_interval(source):
    claims.claim(source.pk)
    claims.release(source.pk)
    wait = now_of(source).due_at - timezone.now()
    assert timedelta(seconds=55) < wait <= timedelta(seconds=60)
    assert source.busy_until is None


def test_who_asks_while_it_is_busy_is_heard_afterwards(source):
    claims.claim(source.pk)
    assert refresh_source(source.pk) == "busy"
    assert claims.release(source.pk)
    assert now_of(source).due_at <= timezone.now()


def test_a_claim_of_a_worker_that_died_ends_and_the_source_is_due_again(source):
    claims.claim(source.pk)
    assert now_of(source).due_at <= source.busy_until
    Source.objects.update(busy_until=timezone.now() - timedelta(seconds=1))
    assert claims.claim(source.pk)


def test_the_task_reads_the_source_and_gives_it_back(source):
    assert refresh_source(source.pk) == "1 added"
    assert now_of(source).busy_until is None
    assert source.due_at > timezone.now()


def test_a_fault_of_ours_is_noted_and_the_source_given_back(source):
    """A document that no table can hold stands for whatever we did not think of."""
    refresh_source(source.pk)
    Entity.objects.update(document="no JSON", kind="Location")
    with pytest.raises(ValueError, match="Expecting value"):
        refresh_source(source.pk)
    assert now_of(source).state == Source.FAILED
    assert source.busy_until is None and source.last_error


def test_a_source_that_was_removed_meanwhile_is_nothing(source):
    key = source.pk
    source.delete()
    assert refresh_source(key) == "busy"


def test_a_look_without_a_database_is_one_line(monkeypatch, caplog):
    def away() -> list[int]:
        raise OperationalError("connection refused")

    monkeypatch.setattr(tasks, "_due", away)
    assert tasks.tick() == 0
    assert caplog.messages == [
        "The database does not answer: connection refused; trying again in 10 s."
    ]
    assert caplog.records[0].exc_info is None
