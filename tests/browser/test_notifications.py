"""A receiver is added in the browser, tested, and told of a real outage and its end."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import receiving
from tests.browser.conftest import House
from tests.servers import free_port

TOLD_OF = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: told-of, title: The one that is told of}
spec:
  type: service
  lifecycle: production
  owner: user:default/ada
  probes: [{type: tcp, url: "tcp://127.0.0.1:%d", every: {alive: 5}}]
"""
DECLARE = "from catalog.sources import processing; processing.declare(%r, door='tests')"
FORMS = [(False, 1440), (True, 1440), (False, 390), (True, 390)]


@pytest.mark.slow
def test_a_receiver_from_the_form_to_the_message(house: House) -> None:
    with receiving.web() as server:
        page = house.open("/settings/notifications/add/").page
        page.get_by_role("textbox", name="Name").fill("Hook")
        page.get_by_role("textbox", name="Address").fill(
            f"json://ada:hunter2@{server.at}/"
        )
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_text("The password stands in the address")).to_be_visible()
        expect(page.get_by_role("textbox", name="Address")).to_have_value("")
        page.get_by_role("textbox", name="Address").fill(f"json://{server.at}/")
        page.get_by_role("button", name="Add it").click()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("was sent. Webhook, JSON")).to_be_visible()
        path = page.url.removeprefix(house.address)
        titles = _outage(house, server)
        assert titles[0].startswith("The one that is told of is down")
        assert titles[1].startswith("The one that is told of is up again after")
        for dark, width in FORMS:
            for place in (path, "/settings/notifications/"):
                _look(house, place, dark, width)
        page.goto(f"{house.address}{path}remove/")
        page.get_by_role("button", name="Remove the receiver").click()
        expect(page.get_by_text("Nobody is told yet")).to_be_visible()


def _outage(house: House, server: receiving.Receiving) -> list[str]:
    """A port that accepts, then does not, then does again; what is told of it."""
    told = len(server.requests)
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        house.appliance.manage("shell", "-v0", "-c", DECLARE % (TOLD_OF % port))
        visit = house.open("/catalog/default/component/told-of/")
        assert visit.page.get_by_role("heading", name="told of").first.is_visible()
        time.sleep(12)
    _wait_for(server, told + 1)
    with socket.create_server(("127.0.0.1", port)):
        _wait_for(server, told + 2)
    return [json.loads(request.body)["title"] for request in server.requests[told:]]


def _wait_for(server: receiving.Receiving, count: int) -> None:
    """Two minutes is the promise."""
    end = time.monotonic() + 120
    while len(server.requests) < count and time.monotonic() < end:
        time.sleep(0.2)
    assert len(server.requests) == count


def _look(house: House, path: str, dark: bool, width: int) -> None:
    visit = house.open(path, dark=dark, width=width)
    assert visit.messages == []
    assert visit.overflow() == 0
    assert visit.violations() == []
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        name = (
            f"{path.strip('/').replace('/', '-')}-{width}-{'dark' if dark else 'light'}"
        )
        visit.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
