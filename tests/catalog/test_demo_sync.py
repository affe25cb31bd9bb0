"""Probes of an example: at rest, or answered by the stand-ins of the demo."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.entities.models import Entity
from catalog.probes import claiming, clock, deciding, once, standins, syncing, words
from catalog.probes.models import Check, Probe
from catalog.sources.models import Source
from tests.catalog.probed import component, is_up, probe

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
TEI = "tei http://node-01.lan:8080"
STAND_IN = standins.address("tei", "http://node-01.lan:8080")


@pytest.fixture(autouse=True)
def _no_demo(settings):
    settings.GREENROOM_DEMO = False


def example(probe: str = TEI, **spec) -> Entity:
    """A component of an example, and its probes after a start of the engine."""
    component(probe="")
    Source.objects.update(example=True)
    return component(probe=probe, **spec)


def asked() -> list[str]:
    """The addresses that a worker asks now."""
    Check.objects.update(due=clock.now(), busy_until=0)
    return sorted({target.url for target in claiming.claim([""], 0)})


def test_without_the_demo_the_probes_of_an_example_rest():
    example()
    assert (probe().paused_by, probe().paused_reason) == ("the example", standins.WHY)
    assert (probe().state, probe().error) == (words.UNKNOWN, words.PAUSED)
    assert asked() == []


def test_what_is_no_example_does_not_rest_and_has_no_stand_in(settings):
    settings.GREENROOM_DEMO = True
    component(probe=TEI)
    assert not probe().paused_at and not probe().stand_in
    assert asked() == ["http://node-01.lan:8080"]


def test_an_editor_may_let_it_go_on_and_it_stays_so():
    example()
    deciding.resume(probe())
    syncing.follow(whole=True)
    assert not probe().paused_at and asked() == ["http://node-01.lan:8080"]


def test_in_the_demo_a_stand_in_is_asked_and_the_declared_address_is_shown(settings):
    settings.GREENROOM_DEMO = True
    example()
    assert not probe().paused_at and probe().url == "http://node-01.lan:8080"
    assert probe().stand_in == STAND_IN and asked() == [STAND_IN]
    (target, *_) = claiming.targets_of(Check.objects.all())
    assert standins.OPTION not in target.options


def test_the_demo_ends_the_rest_of_an_example_and_its_end_begins_it_again(settings):
    example()
    first = probe().pk
    settings.GREENROOM_DEMO = True
    assert syncing.follow(whole=True)
    assert not probe().paused_at and probe().pk == first
    is_up()
    syncing.follow(whole=True)
    assert probe().state == words.UP
    settings.GREENROOM_DEMO = False
    syncing.follow(whole=True)
    assert probe().paused_by == standins.WHO and not probe().stand_in
    assert probe().state == words.UNKNOWN


def test_a_pause_of_a_person_is_kept_whatever_the_demo_does(settings):
    settings.GREENROOM_DEMO = True
    example()
    deciding.pause(probe(), "Ada", "moves")
    for is_on in (False, True):
        settings.GREENROOM_DEMO = is_on
        syncing.follow(whole=True)
        assert (probe().paused_by, probe().paused_reason) == ("Ada", "moves")


def test_what_has_no_stand_in_rests_in_the_demo_too(settings):
    settings.GREENROOM_DEMO = True
    example("ollama http://node-01.lan:11434")
    assert probe().paused_by == standins.WHO and asked() == []


def test_what_only_waits_to_be_called_does_not_rest():
    example("", probes=[{"type": "heartbeat", "title": "Backup"}])
    assert not probe().paused_at


def test_a_declaration_that_cannot_be_used_says_why_and_does_not_rest():
    example("vlm http://node-01.lan:8000")
    assert probe().fault and not probe().paused_at


def test_no_declaration_can_name_a_stand_in():
    entry = {"type": "http", "url": "http://a.lan", "stand_in": "http://b.lan"}
    example("", probes=[entry])
    assert "stand_in" in probe().fault


def test_a_source_that_is_no_example_any_more_ends_the_rest():
    example()
    Source.objects.update(example=False)
    syncing.follow(whole=True)
    assert not probe().paused_at


def test_a_look_from_a_terminal_asks_the_stand_in_too(settings):
    settings.GREENROOM_DEMO = True
    lines: list[str] = []
    once.of_entities([example()], lines.append)
    assert any(STAND_IN in line for line in lines)
    assert not any("node-01.lan" in line for line in lines if "→" in line)


def test_a_stand_in_keeps_the_path_and_listens_on_this_machine():
    url = "http://store-01.lan:6333/readyz"
    number = standins.port("http", url)
    assert standins.address("http", url) == f"http://127.0.0.1:{number}/readyz"
    assert standins.FIRST <= number < standins.FIRST + standins.PORTS
    assert number == standins.port("http", url) != standins.port("tei", url)


def test_what_is_removed_from_an_example_goes():
    example()
    Entity.objects.update(changed_at=timezone.now())
    component(probe="")
    assert not Probe.objects.exists()
