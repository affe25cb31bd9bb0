"""Every page, light and dark, wide and narrow: axe, console, overflow."""

from __future__ import annotations

import pytest

from tests.browser.conftest import House

PAGES = {
    "home": "/",
    "attention": "/attention/",
    "catalog": "/catalog/",
    "catalog filtered": "/catalog/?kind=Component&lifecycle=production&sort=-changed",
    "catalog without a match": "/catalog/?q=zzzz",
    "catalog, columns": "/catalog/?q=llm&columns=status,kind,owner,tag,version",
    "catalog, starred": "/catalog/?view=starred",
    "saved views": "/catalog/views/",
    "save a view": "/catalog/views/add/?kind=Model&q=asr",
    "search": "/search/?q=whisper",
    "model": "/catalog/default/model/customer-summarization/",
    "component": "/catalog/default/component/vllm-mac-studio/",
    "api": "/catalog/default/api/llm-gateway-api/",
    "group": "/catalog/default/group/platform/",
    "user": "/catalog/default/user/ada/",
    "dependencies": "/catalog/default/component/vllm-mac-studio/dependencies/",
    "operations": "/catalog/default/component/vllm-mac-studio/operations/",
    "no operations": "/catalog/default/api/llm-gateway-api/operations/",
    "drift": "/drift/",
    "catalog by status": "/catalog/?status=unknown&sort=status",
    "yaml": "/catalog/default/model/customer-summarization/yaml/",
    "history": "/catalog/default/model/customer-summarization/history/",
    "changes": "/changes/",
    "changes without a match": "/changes/?name=zzzz&since=7d",
    "decide": "/catalog/default/resource/support-threads-v4/decide/",
    "missing": "/catalog/default/component/never-declared/",
    "sources": "/settings/sources/",
    "add a source": "/settings/sources/add/",
    "paste": "/settings/sources/paste/",
    "settings": "/settings/",
    "secrets": "/settings/secrets/",
    "secrets, add": "/settings/secrets/add/",
    "notifications": "/settings/notifications/",
    "notifications, add": "/settings/notifications/add/",
    "a source": "/settings/sources/1/",
    "change a source": "/settings/sources/1/change/",
    "people": "/settings/people/",
    "status": "/status/",
    "health": "/settings/health/",
    "metrics": "/settings/metrics/",
    "me": "/me/",
    "welcome": "/welcome/",
    "help": "/help/",
    "help on sources": "/help/sources/",
    "help on secrets": "/help/secrets/",
    "help on notifications": "/help/notifications/",
    "help on kinds": "/help/kinds/component/",
    "help on probes": "/help/probes/",
    "help on probers": "/help/probers/",
    "components": "/-/components/",
}
STRANGERS = {"login": "/login/", "reset": "/reset/", "set-up done": "/setup/x/"}
LOOKS = [(False, 1440), (True, 390), (True, 1440), (False, 390)]


def in_looks(pages: dict[str, str]) -> pytest.MarkDecorator:
    """Every page in all four looks: one of the first two at once, the others slow."""
    return pytest.mark.parametrize(
        ("name", "dark", "width"),
        [
            pytest.param(
                name, *look, marks=[] if look == LOOKS[at % 2] else pytest.mark.slow
            )
            for at, name in enumerate(pages)
            for look in LOOKS
        ],
    )


def look(house: House, path: str, dark: bool, width: int, signed_in: bool) -> None:
    visit = house.open(path, dark=dark, width=width, signed_in=signed_in)
    expected = "Failed to load resource"  # the browser's own word for a 404 or 410
    assert [text for text in visit.messages if expected not in text] == []
    assert visit.overflow() == 0
    assert visit.violations() == []


@in_looks(PAGES)
def test_page(house: House, name: str, dark: bool, width: int) -> None:
    look(house, PAGES[name], dark, width, signed_in=True)


@in_looks(STRANGERS)
def test_page_for_strangers(house: House, name: str, dark: bool, width: int) -> None:
    look(house, STRANGERS[name], dark, width, signed_in=False)
