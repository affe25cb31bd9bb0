"""The status page: what stands there, for whom, at what cost, and how it stays true."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.probes import board, words
from catalog.probes.models import Maintenance, Status
from catalog.probes.uptime import DAY
from catalog.sources.models import Source
from tests import people
from tests.catalog.documents import declare, document, seen_by
from tests.portal.test_pages_catalog import page
from tests.seen import HOUR, MINUTE, became, probed, worker

pytestmark = pytest.mark.django_db

WEB = "component:default/web"
PUBLIC = {"greenroom/visibility": "public"}
HTMX = {"HX-Request": "true"}
_TOKEN = re.compile(r'"X-CSRFToken": "\w+"|csrfmiddlewaretoken" value="\w+"')


@pytest.fixture
def viewer() -> Client:
    return people.signed_in(people.charlie())


@pytest.fixture
def services() -> None:
    """Two of a system, of which one is down, and one that stands alone."""
    declare(
        document("System", "shop", title="The shop"),
        document(name="web", title="Web & more", spec={"system": "shop"}),
        document(name="desk", spec={"system": "shop"}),
        document(name="lone", annotations=PUBLIC),
        document(name="plain"),
    )
    worker()
    probed(WEB)
    probed(
        "component:default/desk",
        words.DOWN,
        error="refused",
        detail="Nobody listens on desk.lan.",
        ago=30 * MINUTE,
    )
    probed("component:default/lone")


def text_of(html: str) -> str:
    return " ".join(html.split())


def test_it_says_how_all_of_it_stands(viewer, services):
    html = text_of(page(viewer, "/status/"))
    assert "1 of 3 services is down" in html
    assert "1/2 up" in html and "1/1 up" in html
    assert html.index("The shop") < html.index(">Other<")
    assert "Web &amp; more" in html and "plain" not in html
    assert "Connection refused" in html and "Nobody listens on desk.lan." in html
    assert "No worker asks" not in html


def test_what_belongs_to_an_example_is_marked(viewer, services):
    assert "example-mark" not in page(viewer, "/status/")
    Source.objects.update(example=True)
    assert page(viewer, "/status/").count('class="example-mark"') == 3


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ([words.UP], "The service is up"),
        ([words.UP, words.BUSY], "All 2 services are up"),
        (
            [words.DOWN] * 2 + [words.DEGRADED, words.UP],
            "2 of 4 services are down, 1 degraded",
        ),
        ([words.UNKNOWN, words.UP], "1 of 2 services is not known"),
        ([words.MAINTENANCE], "1 of 1 service is in maintenance"),
    ],
)
def test_the_sentence_counts(states, sentence):
    declare(*(document(name=f"c{i}") for i in range(len(states))))
    for i, state in enumerate(states):
        probed(f"component:default/c{i}", state)
    assert board.board(people.viewer(people.alice())).sentence == sentence


def test_an_empty_page_says_how_a_probe_is_declared(viewer):
    html = page(viewer, "/status/")
    assert "Nothing is probed yet" in html and 'href="/help/status/"' in html
    assert "No worker asks" not in html
    assert page(viewer, "/help/status/")


def test_silence_is_shown_as_unknown_and_what_it_was(viewer):
    declare(document(name="web"))
    probed(WEB, fresh=-5 * MINUTE)
    html = text_of(page(viewer, "/status/"))
    assert "No recent answer" in html and "It was up before." in html
    assert "1 of 1 service is not known" in html


def test_nobody_asks_is_said_loudly(viewer, services):
    worker("dead:1", ago=HOUR).save()
    html = page(viewer, "/status/")
    assert "No worker asks" not in html
    from_dead = "DELETE FROM probes_worker WHERE name <> 'dead:1'"
    with connection.cursor() as cursor:
        cursor.execute(from_dead)
    assert "No worker asks" in page(viewer, "/status/")
    bob, alice = (people.signed_in(one) for one in (people.bob(), people.alice()))
    assert "No worker asks" in page(bob, "/")
    assert "/settings/health/" in page(alice, "/status/")
    assert "No worker asks" not in page(viewer, "/")


@pytest.mark.parametrize("name", board.BARS)
def test_each_range_has_its_bars_and_its_axis(viewer, services, name):
    html = page(viewer, f"/status/?range={name}")
    assert f'id="range-{name}" href="/status/?range={name}" aria-current' in html
    found = board.board(people.viewer(people.bob()), name)
    assert {len(line.bars) for group in found.groups for line in group.lines} == {
        board.BARS[name]
    }
    assert page(viewer, "/status/?range=1y%00")


def test_a_bar_is_never_narrower_than_the_slowest_look():
    declare(document(name="web"))
    probed(WEB, interval=6 * 3600)
    line = board.board(people.viewer(people.alice())).groups[0].lines[0]
    assert len(line.bars) == 4
    assert all(bar.length >= 6 * HOUR for bar in line.bars)


def test_the_range_stands_still_between_two_looks():
    width = 30 * MINUTE
    assert board.window("24h", 7 * width + 1) == board.window("24h", 8 * width - 1)
    start, end = board.window("24h", 8 * width)
    assert (start, end) == (8 * width - DAY, 8 * width)


def test_outages_are_listed_with_their_length(viewer, services):
    web = Entity.objects.get(ref=WEB)
    became(web, words.UP, words.DOWN, 50 * MINUTE, error="first-byte-timeout")
    became(web, words.DOWN, words.UP, 28 * MINUTE)
    html = text_of(page(viewer, "/status/"))
    assert "Connected, no answer in time" in html and "22 min" in html
    assert "Still down" in html
    assert html.index("Still down") < html.index("22 min")


def test_maintenance_is_told_by_whom_only_inside(viewer, services, settings):
    now = timezone.now()
    lone = Entity.objects.get(name="lone")
    for start in (-1, 24):
        Maintenance.objects.create(
            identity_id=lone.pk,
            starts_at=now + timedelta(hours=start),
            ends_at=now + timedelta(hours=start + 2),
            by="Grace Hopper",
            reason="New disks.",
        )
    html = page(viewer, "/status/")
    assert "Maintenance:" in html and "Maintenance is planned:" in html
    assert "New disks." in html and "Grace Hopper" in html
    settings.GREENROOM_STATUS_PUBLIC = True
    outside = page(Client(), "/status/")
    assert "New disks." in outside and "Grace Hopper" not in outside


def test_it_asks_for_itself_and_gets_304_while_nothing_changes(viewer, services):
    html = page(viewer, "/status/?range=7d")
    assert 'hx-get="/status/?range=7d"' in html and 'hx-trigger="every 15s"' in html
    first = viewer.get("/status/?range=7d", headers=HTMX)
    assert "<html" not in first.content.decode()
    assert first["Cache-Control"] == "private, no-cache"
    assert first["ETag"].strip('"') in html
    known = HTMX | {"If-None-Match": first["ETag"]}
    same = viewer.get("/status/?range=7d", headers=known)
    assert (same.status_code, same.content) == (304, b"")
    Status.objects.update(state=words.DOWN)
    assert viewer.get("/status/?range=7d", headers=known).status_code == 200


def test_fifty_cost_as_much_as_one(viewer):
    declare(*(document(name=f"c{i}") for i in range(50)))
    worker()
    costs = []
    for last in (1, 50):
        for i in range(0 if last == 1 else 1, last):
            probed(f"component:default/c{i}", words.DOWN)
        page(viewer, "/status/?range=90d")
        with CaptureQueriesContext(connection) as captured:
            page(viewer, "/status/?range=90d")
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 15


@pytest.mark.parametrize("is_open", [False, True])
def test_strangers_see_it_only_where_the_house_says_so(services, settings, is_open):
    people.alice()
    assert Client().get("/status/").status_code == 302
    settings.GREENROOM_STATUS_PUBLIC = True
    settings.GREENROOM_PUBLIC = is_open
    html = page(Client(), "/status/")
    assert "lone" in html
    assert ("desk" in html) is is_open
    assert ('href="/catalog/' in html) is is_open
    for door in ("/", "/catalog/", "/settings/health/", "/help/"):
        assert Client().get(door).status_code == (
            200 if is_open and "settings" not in door else 302
        )


def test_strangers_find_no_way_in_but_the_login(services, settings):
    people.alice()
    settings.GREENROOM_STATUS_PUBLIC = True
    html = page(Client(), "/status/")
    links = {part.split('"')[0] for part in html.split('href="')[1:]}
    pages = {link for link in links if link.startswith("/") and "static" not in link}
    assert pages <= {"/login/"} | {f"/status/?range={name}" for name in board.BARS}
    assert Client().get("/status/", headers=HTMX).status_code == 200


def test_an_empty_page_for_strangers_names_nothing(settings):
    people.alice()
    declare(document(name="web"))
    probed(WEB)
    settings.GREENROOM_STATUS_PUBLIC = True
    assert "Nothing to show" in page(Client(), "/status/")


@pytest.mark.parametrize(
    "address", ["/status/", "/status/?range=30d", "/badges/default/component/hid.svg"]
)
@pytest.mark.parametrize("name", ["charlie", "stranger"])
def test_what_is_hidden_is_as_if_it_did_not_exist(settings, services, address, name):
    """Byte for byte, but for what time does to ages."""
    settings.GREENROOM_PUBLIC = settings.GREENROOM_STATUS_PUBLIC = True
    client = people.signed_in(people.charlie()) if name == "charlie" else Client()
    people.alice()
    before = shown(client, address)
    hidden = document(
        name="hid",
        title="Quarterly",
        annotations=seen_by("group:default/finance"),
        spec={"system": "shop"},
    )
    declare(hidden)
    entity = probed("component:default/hid", words.DOWN, error="dns", ago=HOUR)
    Maintenance.objects.create(
        identity_id=entity.pk,
        ends_at=timezone.now() + timedelta(hours=1),
        by="x",
        reason="Quarterly disks.",
    )
    assert shown(client, address) == before


def shown(client: Client, address: str) -> tuple[int, str]:
    answer = client.get(address, headers=HTMX)
    return answer.status_code, _TOKEN.sub("", answer.content.decode())
