"""/metrics: what Prometheus reads, with which token, and what nobody else reads."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from catalog.probes import words
from catalog.probes.models import Probe
from portal.accounts import attempts, metrics
from portal.accounts.models import AuditEvent
from portal.web import scrape
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_pages_catalog import page
from tests.seen import MINUTE, probed, worker

pytestmark = pytest.mark.django_db


def samples(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    return found


def scraped(token: str = "", **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {token or metrics.token()}"}
    return Client().get("/metrics", headers=headers, **more)


@pytest.fixture
def services() -> None:
    people.alice()
    declare(
        document(name="up"),
        document(name="off"),
        document(name="mute"),
        document(name="ledger", annotations=seen_by("group:default/finance")),
    )
    worker()
    probed("component:default/up")
    probed("component:default/off", words.DOWN, error="refused", detail="secret.lan")
    probed("component:default/mute", fresh=-MINUTE)
    probed("component:default/ledger")


def test_the_token_reads_everything(services):
    answer = scraped()
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    found = samples(answer.content.decode())
    up = {labels["ref"]: value for labels, value in found["greenroom_entity_up"]}
    assert up == {
        "component:default/up": 1,
        "component:default/off": 0,
        "component:default/ledger": 1,
    }
    states = [
        labels["state"]
        for labels, value in found["greenroom_entity_state"]
        if value and labels["ref"] == "component:default/mute"
    ]
    assert states == [words.UNKNOWN]
    assert found["greenroom_engine_workers"][0][1] == 1
    assert found["greenroom_worker_last_beat_timestamp_seconds"][0][0] == {
        "worker": "node-01:7"
    }
    for name in ("engine_lag_seconds", "engine_due", "probes", "sources"):
        assert found[f"greenroom_{name}"]


def test_no_address_detail_or_error_is_told(services):
    text = scraped().content.decode()
    for word in ("http://", "secret.lan", "refused"):
        assert word not in text


def test_two_probes_of_one_kind_are_two_series(services):
    probed_again = Probe.objects.get(identity__ref="component:default/up")
    other = Probe.objects.create(
        identity=probed_again.identity, prober="vllm", url="http://other.lan"
    )
    other.checks.create(level=words.ALIVE, interval=30, at=5, latency=20.0)
    found = samples(scraped().content.decode())
    told = found["greenroom_probe_latency_seconds"]
    assert [value for labels, value in told if labels["probe"] == str(other.pk)] == [
        0.02
    ]


def test_whoever_is_signed_in_reads_what_they_may_see(services):
    charlie = people.signed_in(people.charlie())
    text = charlie.get("/metrics").content.decode()
    assert "component:default/up" in text and "ledger" not in text
    assert "greenroom_worker" not in text and "greenroom_sources" not in text
    alice = Client()
    alice.login(username="alice", password=people.PASSWORD)
    assert "ledger" in alice.get("/metrics").content.decode()


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic eDp5", "Bearer", "bearer  "])
def test_strangers_are_refused(services, settings, header):
    settings.GREENROOM_PUBLIC = settings.GREENROOM_STATUS_PUBLIC = True
    answer = Client().get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert b"greenroom_" not in answer.content


def test_guessing_is_slowed_down_and_the_scraper_is_not(services):
    for _ in range(attempts.LIMIT):
        assert scraped("grm_guess").status_code == 401
    assert scraped("grm_guess").status_code == 429
    assert scraped().status_code == 200


def test_a_new_token_ends_the_old_one(services):
    alice = Client()
    alice.login(username="alice", password=people.PASSWORD)
    old = metrics.token()
    assert old in page(alice, "/settings/metrics/")
    assert alice.post("/settings/metrics/renew/").status_code == 302
    assert metrics.token() != old
    assert scraped(old).status_code == 401
    assert scraped().status_code == 200
    assert AuditEvent.objects.filter(action="renewed").count() == 1
    html = page(alice, "/settings/metrics/")
    assert "job_name: greenroom" in html and "targets: [&#34;testserver&#34;]" in html
    assert old not in html


def test_the_page_is_for_administrators():
    for account in (people.bob(), people.charlie()):
        client = people.signed_in(account)
        assert client.get("/settings/metrics/").status_code == 403
        assert client.post("/settings/metrics/renew/").status_code == 403


def test_beyond_the_limit_whole_entities_are_left_out(services, monkeypatch):
    monkeypatch.setattr(scrape._Room, "__init__", room_of(20))
    text = scraped().content.decode()
    assert "# Cut at" in text.splitlines()[-1]
    found = samples(text)
    assert found["greenroom_entities_left_out"][0][1] == 2
    assert len({one["ref"] for one, _ in found["greenroom_entity_state"]}) == 2


def room_of(number: int) -> Any:
    def begin(self: Any) -> None:
        self.left, self.cut = number, 0

    return begin


def test_fifty_cost_as_much_as_one():
    people.alice()
    declare(*(document(name=f"c{i}") for i in range(50)))
    costs = []
    for first, last in ((0, 1), (1, 50)):
        for i in range(first, last):
            probed(f"component:default/c{i}")
        scraped()
        with CaptureQueriesContext(connection) as captured:
            assert scraped().status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 20
