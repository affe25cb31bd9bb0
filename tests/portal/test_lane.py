"""The fast lane answers as the long way does, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from django.utils import timezone

from catalog.entities.models import Ceiling, Entity
from portal import wsgi
from portal.accounts import tokens
from portal.accounts.models import Account, ApiToken, Role
from portal.api import lane, limits
from tests import people
from tests.catalog.documents import declare, document, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ENTITY = "/api/v1/entities/component/default/{}"
Answered = tuple[str, dict[str, str], bytes]


def environ(path: str, token: str, **more: str) -> dict[str, Any]:
    given = RequestFactory().get(path).environ
    base = {"HTTP_HOST": "localhost", "HTTP_AUTHORIZATION": f"Bearer {token}"}
    return {**given, **base, **more}


def told(application: Any, given: dict[str, Any]) -> Answered | None:
    seen: list[Any] = []
    parts = application({**given}, lambda *head: seen.extend(head))
    if parts is None:
        return None
    return seen[0], dict(seen[1]), b"".join(parts)


def token_of(account: Account, scope: str = ApiToken.READ) -> str:
    return tokens.make(account, f"test {account} {scope}", scope, 0)[1]


def both(given: dict[str, Any]) -> tuple[Answered | None, Answered]:
    """What the lane says (if it does), and what the long way says."""
    long = told(wsgi.django_application, given)
    assert long is not None
    return told(lane.respond, given), long


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Whole requests close the connection in which a test has its transaction."""
    request_started.disconnect(close_old_connections)
    yield
    request_started.connect(close_old_connections)


@pytest.fixture
def catalog() -> None:
    declare(
        document(name="plain", description="“Grüße” & <b>"),
        document(name="Upper.Case"),
        document(name="open", annotations=seen_by("public")),
        document(name="hidden", annotations=seen_by("group:speech")),
    )


@pytest.mark.parametrize("name", ["plain", "PLAIN", "upper.case", "open"])
def test_the_lane_says_what_the_long_way_says(name: str, catalog: None) -> None:
    given = environ(ENTITY.format(name), token_of(people.charlie()))
    fast, long = both(given)
    assert fast and fast[0] == "200 OK"
    assert fast == long


def test_what_is_known_is_not_sent_again(catalog: None) -> None:
    mark = f'"{Entity.objects.get(name="plain").etag}"'
    given = environ(ENTITY.format("plain"), token_of(people.charlie()))
    fast, long = both({**given, "HTTP_IF_NONE_MATCH": mark})
    assert fast and long and fast[0] == long[0] == "304 Not Modified"
    assert fast[1]["ETag"] == long[1]["ETag"] == mark and fast[2] == long[2] == b""


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (ENTITY.format("hidden"), "404"),
        (ENTITY.format("nobody"), "404"),
        (ENTITY.format("plain/relations"), "200"),
        ("/api/v1/entities/component/plain", "404"),
        ("/api/v1/entities", "200"),
    ],
)
def test_the_rest_goes_the_long_way(path: str, status: str, catalog: None) -> None:
    fast, long = both(environ(path, token_of(people.charlie())))
    assert fast is None and long[0].startswith(status)


def test_who_is_named_gets_what_is_for_them(catalog: None) -> None:
    given = environ(ENTITY.format("hidden"), token_of(people.bob()))
    assert told(wsgi.application, given)[0] == "200 OK"  # type: ignore[index]
    admin = environ(ENTITY.format("hidden"), token_of(people.alice()))
    fast, long = both(admin)
    assert fast == long and long[0] == "200 OK"


def test_a_source_that_is_closed_stays_closed(catalog: None) -> None:
    given = environ(ENTITY.format("plain"), token_of(people.charlie()))
    assert told(lane.respond, given)
    row = Entity.objects.get(name="plain")
    Ceiling.objects.create(source=row.source, principal=people.SPEECH)
    declare(document(name="another"))
    fast, long = both(given)
    assert fast is None and long[0].startswith("404")


def test_a_token_that_may_not_be_used_is_out_at_once(catalog: None) -> None:
    account = people.charlie()
    text = token_of(account)
    given = environ(ENTITY.format("plain"), text)
    assert told(lane.respond, given)
    for change in (
        {"revoked_at": timezone.now()},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ):
        ApiToken.objects.update(**change)
        fast, long = both(given)
        assert fast is None and long[0].startswith("401")
        ApiToken.objects.update(revoked_at=None, expires_at=None)
    Account.objects.filter(pk=account.pk).update(is_active=False)
    fast, long = both(given)
    assert fast is None and long[0].startswith("401")
    assert told(lane.respond, environ(ENTITY.format("plain"), "grm_wrong")) is None


def test_a_new_role_counts_at_once(catalog: None) -> None:
    account = people.charlie()
    given = environ(ENTITY.format("hidden"), token_of(account))
    assert told(lane.respond, given) is None
    Account.objects.filter(pk=account.pk).update(role=Role.ADMIN)
    assert told(lane.respond, given)
    Account.objects.filter(pk=account.pk).update(role=Role.VIEWER)
    assert told(lane.respond, given) is None


def test_its_use_is_noted(catalog: None) -> None:
    told(lane.respond, environ(ENTITY.format("plain"), token_of(people.charlie())))
    assert ApiToken.objects.get().used_at is not None


def test_a_strange_host_goes_the_long_way(catalog: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    given = environ(ENTITY.format("plain"), token_of(people.charlie()))
    fast, long = both({**given, "HTTP_HOST": "evil.example"})
    assert fast is None and long[0].startswith("400")


def test_who_asks_too_much_is_told_so(
    catalog: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = environ(ENTITY.format("plain"), token_of(people.charlie()))
    monkeypatch.setattr(limits.LIMIT, "most", 0)
    fast, long = both(given)
    assert fast is None and long[0].startswith("429") and "Retry-After" in long[1]
