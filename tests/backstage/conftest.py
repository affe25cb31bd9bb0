"""A Backstage for a module, and the sample in Greenroom."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.sources import adding, processing
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from tests.backstage import installing
from tests.backstage.backend import Backstage
from tests.backstage.recording import SAMPLE, on_the_sample


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


@pytest.fixture
def sample(tmp_path: Path) -> str:
    """The sample in Greenroom, and a token that reads and writes it."""
    for name in ("catalog-info", "people", "parts"):
        shutil.copy(SAMPLE / f"{name}.yaml", tmp_path)
    source = adding.add_source(str(tmp_path))
    outcome = processing.refresh(source)
    assert outcome.added == 13, outcome
    account = Account.objects.create_user("ci", role=Role.ADMIN)
    return tokens.make(account, "client", ApiToken.WRITE, 0)[1]
