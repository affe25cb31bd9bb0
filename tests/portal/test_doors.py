"""Every door is asked by everybody: it opens for those whom the list names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from portal.accounts import tokens
from portal.accounts.models import ApiToken
from portal.doors import DOORS, Door, Policy
from portal.doors.door import DELETE, GET, POST
from tests.doors import Way, ways
from tests.portal.opened import BODY, House, build, client_of

pytestmark = pytest.mark.django_db

ROLES = {
    "stranger": (),
    "viewer": (Policy.SIGNED_IN,),
    "editor": (Policy.SIGNED_IN, Policy.EDITOR),
    "admin": (Policy.SIGNED_IN, Policy.EDITOR, Policy.ADMIN),
}
OPEN_TO_THE_SIGNED_IN = {
    Policy.BADGE,
    Policy.STATUS,
    Policy.OF_ENTITY,
    Policy.READING,
}
# Nobody can tell whether it was opened: there is nothing behind it.
NOTHING = {"api:api-root"}
CLOSED, OPEN = (False, False), (True, True)
# What is closed is asked each time, an open house in the slow lane.
SETTINGS = [
    pytest.param(*given, marks=[] if given == CLOSED else pytest.mark.slow)
    for given in (CLOSED, (True, False), (False, True), OPEN)
]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return build(tmp_path)


def may(door: Door, who: str, *, reading: bool, status: bool, public: bool) -> bool:
    """What the words of each policy promise."""
    if door.policy is Policy.ANYBODY:
        return True
    if who != "stranger":
        allowed = {*ROLES[who], *OPEN_TO_THE_SIGNED_IN}
        return door.policy in allowed
    opened = {
        Policy.STATUS: status or reading,
        Policy.READING: reading,
        # A stranger sees what is public, unless the house is open.
        Policy.OF_ENTITY: public or reading,
        Policy.BADGE: public or reading,
    }
    return opened.get(door.policy, False)


def answer_of(
    house: House, way: Way, who: str, method: str, *, public: bool, **more: Any
) -> Any:
    """What somebody is told; what it did is undone."""
    client = more.pop("client", None) or client_of(house.accounts[who])
    address = way.address(house.parts(way.key, who, public))
    address += house.query(way.key, public)
    brought = {**house.brought(way.key), **more}
    if method != POST:
        return client.generic(method, address, **brought)
    if way.key == "hook":
        kind, data = "application/json", BODY
    elif way.key.startswith("POST api/"):
        kind, data = "application/yaml", b"kind: Component"
    else:
        return client.post(address, house.typed(public), **brought)
    return client.generic(method, address, data, kind, **brought)


def is_refused(response: Any) -> bool:
    """Sent to the login, or told no; missing is a refusal as well."""
    sent = response.headers.get("Location", "").startswith("/login/?next=")
    return sent or response.status_code in (401, 403, 404)


def complaint(way: Way, method: str, allowed: bool, answer: Any) -> str:
    """What is wrong with an answer; nothing where it is as the list says."""
    status = answer.status_code
    told = f"{method} {way.key}: {status} {answer.headers.get('Location', '')}"
    if way.key in NOTHING:
        return "" if status == 404 else told
    if status >= 500:
        return told
    if method not in DOORS[way.key].methods:
        return "" if status == 405 or (not allowed and is_refused(answer)) else told
    if allowed:
        return f"{told}, refused" if is_refused(answer) or status == 405 else ""
    return "" if is_refused(answer) else f"{told}, opened"


def asked(house: House, who: str, **setting: bool) -> list[str]:
    """Every door, by each method, of a public entity and of another."""
    found = []
    for way in ways():
        door = DOORS[way.key]
        # An operation of the API is asked by its own method.
        own = way.key.partition(" ")[0]
        methods = [own] if own in (GET, POST, DELETE) else [GET, POST]
        for public in (False, True) if "name" in way.parts else (False,):
            allowed = may(door, who, public=public, **setting)
            for method in methods:
                with transaction.atomic():
                    answer = answer_of(house, way, who, method, public=public)
                    transaction.set_rollback(True)
                said = complaint(way, method, allowed, answer)
                found += [f"{said} ({public=})"] if said else []
    return found


@pytest.mark.parametrize(("reading", "status"), [SETTINGS[0], SETTINGS[-1]])
@pytest.mark.parametrize("who", ["viewer", "editor", "admin"])
def test_each_door_opens_for_the_role_that_it_needs(
    house, settings, who, reading, status
):
    settings.GREENROOM_PUBLIC, settings.GREENROOM_STATUS_PUBLIC = reading, status
    assert not asked(house, who, reading=reading, status=status)


@pytest.mark.parametrize(("reading", "status"), SETTINGS)
def test_a_stranger_opens_what_the_settings_say(house, settings, reading, status):
    settings.GREENROOM_PUBLIC, settings.GREENROOM_STATUS_PUBLIC = reading, status
    assert not asked(house, "stranger", reading=reading, status=status)


def test_a_door_with_a_secret_asks_for_it(house):
    wrong = {"token": "wrong", "uid": "00000000-0000-0000-0000-000000000000"}
    secret = [way for way in ways() if DOORS[way.key].secret]
    assert len(secret) >= 6
    for way in secret:
        parts = {**house.parts(way.key, "stranger"), **wrong}
        for method in DOORS[way.key].methods:
            answer = Client().generic(
                method, way.address(parts), headers={"Authorization": "Bearer wrong"}
            )
            assert answer.status_code in (401, 404, 410), way.key


def test_a_token_opens_what_its_account_and_its_scope_open(house):
    for who, scope in (
        ("viewer", ApiToken.READ),
        ("editor", ApiToken.READ),
        ("editor", ApiToken.WRITE),
        ("admin", ApiToken.WRITE),
    ):
        account = house.accounts[who]
        assert account is not None
        _, text = tokens.make(account, f"{who} {scope}", scope, 0)
        client = Client(headers={"Authorization": f"Bearer {text}"})
        for way in ways():
            method = way.key.partition(" ")[0]
            if method not in (GET, POST, DELETE):
                continue
            allowed = may(
                DOORS[way.key], who, reading=False, status=False, public=False
            )
            allowed = allowed and (method == GET or scope == ApiToken.WRITE)
            with transaction.atomic():
                answer = answer_of(house, way, who, method, public=False, client=client)
                transaction.set_rollback(True)
            assert not complaint(way, method, allowed, answer), (who, scope)
