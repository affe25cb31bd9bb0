"""What all tests share: where Chromium is, and a Greenroom of one's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from django.urls import set_script_prefix

from catalog.entities.models import CatalogState
from tests.appliances import Appliance

_GENERATIONS = count(1_000_000, 1_000_000)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(autouse=True)
def fresh_generation(request: pytest.FixtureRequest) -> None:
    """A rolled back test gives its generation numbers back: never use them twice."""
    if request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        CatalogState.objects.update_or_create(
            pk=1, defaults={"generation": next(_GENERATIONS)}
        )


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


@pytest.fixture(autouse=True)
def address_of_the_house() -> Iterator[None]:
    """Links begin at /, whatever sub-path a test served under."""
    yield
    set_script_prefix("/")


@pytest.fixture
def appliance(tmp_path: Path) -> Iterator[Appliance]:
    """A Greenroom of one's own, not yet started."""
    with Appliance(tmp_path / "data", tmp_path / "output").ended() as made:
        yield made
