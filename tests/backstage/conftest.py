"""A Backstage for a module: on the sample, or without anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.backstage import installing
from tests.backstage.backend import Backstage
from tests.backstage.recording import on_the_sample


@pytest.fixture(scope="session")
def installed() -> None:
    """Skips where Backstage is not installed."""
    if not installing.is_installed():
        pytest.skip(installing.MISSING)


@pytest.fixture(scope="module")
def sampled(installed: None) -> Iterator[tuple[Backstage, str]]:
    """A Backstage that has taken the sample, and where the sample is served."""
    with on_the_sample() as running:
        yield running


@pytest.fixture(scope="module")
def empty(installed: None) -> Iterator[Backstage]:
    """A Backstage that has taken nothing yet."""
    with Backstage() as backstage:
        yield backstage
