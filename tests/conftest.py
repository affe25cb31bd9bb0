"""What all tests share: where Chromium is, and a Greenroom of one's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliances import Appliance

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium. Missing, it is named; in CI that is a failure."""
    named = os.environ.get("CHROMIUM", "")
    cache = Path.home() / ".cache/ms-playwright"
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    found += [str(path) for path in cache.glob("chromium-*/chrome-linux*/chrome")]
    for path in [named, *found]:
        if path:
            return path
    missing = "no Chromium: apt install chromium, or playwright install chromium"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Appliance]:
    """A Greenroom of one's own, not yet started."""
    with Appliance(tmp_path / "data", tmp_path / "output").ended() as made:
        yield made
