"""Health of the probes: workers, queues that nobody serves, faults, what is kept."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.probes import clock, health
from catalog.probes.models import Check, Probe, Progress, Sample
from tests import people
from tests.catalog.documents import declare, document
from tests.portal.test_pages_catalog import page
from tests.seen import HOUR, MINUTE, probed, worker

pytestmark = pytest.mark.django_db

ADDRESS = "/settings/health/"


@pytest.fixture
def alice() -> Client:
    return people.signed_in(people.alice())


@pytest.fixture
def web() -> Probe:
    declare(document(name="web"))
    entity = probed("component:default/web")
    return Probe.objects.get(identity_id=entity.pk)


def test_it_is_for_administrators():
    for account in (people.bob(), people.charlie()):
        assert people.signed_in(account).get(ADDRESS).status_code == 403


def test_a_quiet_house(alice):
    html = page(alice, ADDRESS)
    assert "No worker has said that it lives" in html
    assert 'class="banner' not in html
    assert "/settings/health/" in page(alice, "/settings/")


def test_workers_live_or_are_silent(alice, web):
    worker("node-01:7", queues=",host.gpu")
    worker("node-02:9", ago=HOUR)
    html = page(alice, ADDRESS)
    assert "Lives" in html and "Silent" in html
    assert "<code>host.gpu</code>" in html and "usual" in html
    assert 'class="banner' not in html


def test_nobody_asks(alice, web):
    worker(ago=HOUR)
    assert "No worker asks" in page(alice, ADDRESS)
    Probe.objects.update(paused_at="2026-01-01T00:00:00Z")
    assert "No worker asks" not in page(alice, ADDRESS)


@pytest.mark.storage
def test_a_queue_that_nobody_serves_is_said_loudly(alice, web):
    worker()
    Probe.objects.update(queue="host.gpu-01")
    html = page(alice, ADDRESS)
    assert "Nobody serves the queue host.gpu-01" in html
    assert "manage.py worker --queues host.gpu-01" in html
    worker("gpu-01:1", queues="host.gpu-01")
    assert "Nobody serves" not in page(alice, ADDRESS)


@pytest.mark.storage
def test_lateness_is_of_what_is_due_and_not_begun(alice, web):
    worker()
    now = clock.now()
    Check.objects.update(due=now - 90_000)
    found = health.health()
    assert found.due == 1 and 89_000 < found.late < 95_000
    assert "The engine is late" in page(alice, ADDRESS)
    Check.objects.update(busy_until=now + MINUTE)
    assert (health.health().due, health.health().late) == (0, 0)


def test_faults_are_listed_with_their_entity(alice, web):
    worker()
    Probe.objects.update(fault="There is no probe “vlm”.", why="spec.probes[0]")
    html = page(alice, ADDRESS)
    assert "There is no probe “vlm”." in html
    assert "/catalog/default/component/web/" in html


def test_late_sums_are_said(alice, web):
    worker()
    Progress.objects.update_or_create(pk=1, defaults={"rolled": clock.now() - HOUR})
    assert "Sums are late" in page(alice, ADDRESS)


@pytest.mark.storage
def test_what_is_kept_is_counted(web):
    now = clock.now()
    check = web.checks.get()
    for ago in (30 * HOUR, 2 * HOUR, HOUR):
        Sample.objects.create(check_row=check, at=now - ago, verdict=0)
    looks = {table.title: table for table in health.tables()}["Looks"]
    assert (looks.rows, looks.new) == (3, 2)
    assert health.size() > 0


def test_it_asks_for_itself(alice, web):
    worker()
    assert f'hx-get="{ADDRESS}"' in page(alice, ADDRESS)
    part = alice.get(ADDRESS, headers={"HX-Request": "true"})
    known = {"HX-Request": "true", "If-None-Match": part["ETag"]}
    assert alice.get(ADDRESS, headers=known).status_code == 304


def test_fifty_cost_as_much_as_one(alice):
    declare(*(document(name=f"c{i}") for i in range(50)))
    costs = []
    for first, last in ((0, 1), (1, 50)):
        for i in range(first, last):
            probed(f"component:default/c{i}")
        Probe.objects.update(fault="It is wrong.")
        page(alice, ADDRESS)
        with CaptureQueriesContext(connection) as captured:
            page(alice, ADDRESS)
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 25
