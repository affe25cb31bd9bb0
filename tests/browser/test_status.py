"""An open status page keeps itself up to date, and leaves the reader's focus alone."""

from __future__ import annotations

import pytest

from tests.browser.conftest import House

DECLARED = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: probed-here
  title: Probed here
  annotations: {greenroom/probe: "tcp tcp://127.0.0.1:1"}
spec: {type: service, lifecycle: production, owner: group:platform}
"""


@pytest.mark.slow
def test_it_asks_again_and_replaces_only_what_changed(house: House) -> None:
    visit = house.open("/status/")
    page = visit.page
    page.locator("nav.side-nav a", has_text="Catalog").focus()
    page.evaluate("document.getElementById('polled').dataset.mark = 'mine'")
    # The engine looks all the while: as if nothing had changed.
    page.route("**/status/", lambda route: route.fulfill(status=304))
    with page.expect_response("**/status/", timeout=20_000) as answer:
        pass
    sent = answer.value.request.all_headers()
    assert sent["if-none-match"].startswith('"') and sent["hx-request"] == "true"
    page.wait_for_timeout(300)
    assert page.locator("#polled[data-mark=mine]").count() == 1
    page.unroute("**/status/")
    declare = house.open("/settings/sources/paste/").page
    declare.locator("textarea").fill(DECLARED)
    declare.get_by_role("button", name="Add to the catalog").click()
    declare.wait_for_load_state("networkidle")
    page.get_by_text("Probed here").first.wait_for(timeout=40_000)
    assert page.evaluate("document.activeElement.textContent.trim()") == "Catalog"
    assert visit.messages == []
