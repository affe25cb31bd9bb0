"""Logs hold no secrets, and no news that is none."""

from __future__ import annotations

import logging

import pytest

from portal.logs import HideRefusals, HideTokens


def record(
    name: str, message: str, *args: object, status: int = 0
) -> logging.LogRecord:
    """A record as Django makes it."""
    made = logging.LogRecord(name, logging.WARNING, "", 1, message, args, None)
    if status:
        made.status_code = status
    return made


@pytest.mark.parametrize(
    ("name", "status", "kept"),
    [
        ("django.request", 404, False),
        ("django.request", 403, False),
        ("django.request", 500, True),
        ("django.request", 503, True),
        ("django.security.DisallowedHost", 400, True),
        ("django.security.csrf", 403, True),
        ("catalog.sources.watch", 0, True),
    ],
)
def test_only_refusals_of_pages_are_dropped(name: str, status: int, kept: bool) -> None:
    assert HideRefusals().filter(record(name, "x", status=status)) is kept


@pytest.mark.parametrize(
    "path", ["/setup/", "/invite/", "/reset/MQ/", "/export/backstage/stock/t/"]
)
def test_tokens_are_hidden_wherever_they_stand(path: str) -> None:
    for made in (
        record("django.request", "Error: %s", f"{path}secretsecret/"),
        record("any", f"GET {path}secretsecret/"),
    ):
        assert HideTokens().filter(made)
        assert "secretsecret" not in made.getMessage()
        assert path in made.getMessage()
