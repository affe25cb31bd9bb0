"""One running Greenroom with the example in it, and a browser that is signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from portal.keys import setup_token
from tests.appliances import Appliance
from tests.chromium import FLAGS

EXAMPLE = "deploy/examples/homelab"
PASSWORD = "a sentence nobody guesses"
AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of this folder needs a browser, and shares one Greenroom."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class House:
    """A running Greenroom and the browser in front of it."""

    appliance: Appliance
    browser: Browser
    state: Any = None
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.appliance.port}"

    def open(
        self,
        path: str,
        *,
        dark: bool = False,
        width: int = 1440,
        signed_in: bool = True,
        script: bool = True,
    ) -> Visit:
        """A page in a fresh context."""
        context = self.browser.new_context(
            base_url=self.address,
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900 if width > 500 else 844},
            storage_state=self.state if signed_in else None,
            java_script_enabled=script,
            timezone_id="Europe/Berlin",
        )
        self.contexts.append(context)
        visit = Visit(context.new_page())
        visit.page.goto(path, wait_until="networkidle")
        return visit


class Visit:
    """One page, with everything that its console said."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.messages: list[str] = []
        page.on("console", lambda message: self.messages.append(message.text))
        page.on("pageerror", lambda error: self.messages.append(str(error)))

    def violations(self) -> list[str]:
        """What axe finds, with the places."""
        self.page.evaluate(AXE)
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules})", RULES
        )
        return [
            f"{violation['id']}: {node['target']} {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = self.page.evaluate(
            "document.documentElement.scrollWidth - innerWidth"
        )
        return max(0, width)


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """One Chromium for all."""
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def house(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A Greenroom that is set up by hand, in the browser, with the example loaded."""
    folder = tmp_path_factory.mktemp("house")
    made = Appliance(folder / "data", folder / "output")
    with made.ended() as appliance:
        appliance.start_and_wait("--catalog", EXAMPLE)
        house = House(appliance, browser)
        house.state = _set_up(house)
        yield house


@pytest.fixture(autouse=True)
def close_contexts(house: House) -> Iterator[None]:
    """Every test leaves the browser as it found it."""
    yield
    while house.contexts:
        house.contexts.pop().close()


def setup_path(appliance: Appliance) -> str:
    """The one-time link, as it was printed."""
    key = (appliance.data / "secret.key").read_text("ascii")
    return f"/setup/{setup_token(key)}/"


def _set_up(house: House) -> Any:
    page = house.open(setup_path(house.appliance), signed_in=False).page
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Display name").fill("Ada Lindgren")
    page.locator("input[type=password]").nth(0).fill(PASSWORD)
    page.locator("input[type=password]").nth(1).fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    page.wait_for_url("**/welcome/")
    return page.context.storage_state()


def wait_for(page: Page, true: Callable[[], bool], what: str) -> None:
    """Wait up to ten seconds for something that a worker does."""
    for _ in range(100):
        if true():
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{what} did not happen within 10 s")
