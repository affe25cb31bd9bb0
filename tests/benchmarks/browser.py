"""One cold page in a real browser: `python -m tests.benchmarks.browser ADDRESS`.

Signs in over the login form in one context, then loads the index in another one whose
cache is empty but for the session cookie.
"""

from __future__ import annotations

import json
import os
import shutil
import sys

import django
from django.contrib.auth import get_user_model
from playwright.sync_api import Page, Request, sync_playwright

from tests.chromium import FLAGS

USERNAME, PASSWORD = "bench-browser", "a long sentence for a benchmark"


def main(address: str) -> None:
    """Print one line of JSON: figure -> value."""
    _make_account()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS
        )
        first = browser.new_context()
        _sign_in(first.new_page(), address)
        cold = browser.new_context(storage_state=first.storage_state())
        page, requests = cold.new_page(), list[Request]()
        page.on("requestfinished", lambda request: requests.append(request))
        page.goto(f"{address}/catalog/", wait_until="networkidle")
        sizes = [request.sizes()["responseBodySize"] for request in requests]
        painted = page.evaluate(
            "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
        )
        browser.close()
    print(
        json.dumps(
            {
                "cold index page, KB": sum(sizes) / 1024,
                "cold index page, requests": len(sizes),
                "cold index page, DOM ready ms": painted,
            }
        )
    )


def _make_account() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    accounts = get_user_model().objects
    if not accounts.filter(username=USERNAME).exists():
        accounts.create_user(USERNAME, PASSWORD, role="viewer")


def _sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/login/")
    page.fill("input[name=name]", USERNAME)
    page.fill("input[type=password]", PASSWORD)
    page.press("input[type=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    main(sys.argv[1])
