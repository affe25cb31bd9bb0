"""The first visit: the set-up link, the first administrator, four ways to begin."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as conf
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from catalog.entities import ownership
from catalog.entities.models import Entity
from portal import keys
from portal.accounts import setup
from portal.accounts.models import Account, AuditEvent, Role
from portal.accounts.refusal import Refusal
from tests import people

pytestmark = pytest.mark.django_db

ANSWERS = {
    "username": "Mira",
    "display_name": "Mira Novak",
    "email": "mira@example.org",
    "team": "Platform & Co",
    "password": people.PASSWORD,
    "again": people.PASSWORD,
}
FOUNDER = setup.Founder(username="mira", password=people.PASSWORD, team="Platform")


def link() -> str:
    return reverse("setup", args=[keys.setup_token(conf.SECRET_KEY)])


@pytest.mark.parametrize("page", ["home", "catalog", "login", "people", "me"])
def test_every_page_leads_to_set_up_while_there_is_no_account(
    client: Client, page: str
) -> None:
    assert client.get(reverse(page)).headers["Location"] == reverse("setup-needed")


def test_the_hint_never_shows_the_link(client: Client) -> None:
    page = client.get(reverse("setup-needed")).content.decode()
    assert "manage.py setup_link" in page
    assert keys.setup_token(conf.SECRET_KEY) not in page


def test_a_wrong_token_opens_nothing(client: Client) -> None:
    address = reverse("setup", args=["0" * 40])
    assert client.get(address).status_code == 404
    assert client.post(address, ANSWERS).status_code == 404
    assert not Account.objects.exists()


def test_set_up_makes_an_administrator_a_user_and_a_group(client: Client) -> None:
    response = client.post(link(), ANSWERS)
    assert response.headers["Location"] == reverse("welcome")
    mira = Account.objects.get()
    assert (mira.username, mira.role, mira.is_staff) == ("mira", Role.ADMIN, True)
    assert mira.entity_ref == "user:default/mira"
    assert "group:default/platform-co" in ownership.principals(mira.entity_ref)
    assert Entity.objects.get(ref=mira.entity_ref).title == "Mira Novak"
    assert AuditEvent.objects.filter(actor=mira, action="set up Greenroom").exists()
    assert client.get(reverse("welcome")).status_code == 200


def test_a_title_that_yaml_could_misread_stays_a_text(client: Client) -> None:
    client.post(link(), ANSWERS | {"display_name": "no: 1e3", "team": "No"})
    profile = Entity.objects.get(ref="user:default/mira").spec["profile"]
    assert profile["displayName"] == "no: 1e3"
    group = Entity.objects.get(ref="group:default/no")
    assert group.spec["profile"]["displayName"] == "No"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"again": "something else 9"}, "The two passwords differ"),
        ({"password": "mira novak", "again": "mira novak"}, "too similar"),
        ({"password": "short7x", "again": "short7x"}, "too short"),
        ({"username": "mira novak"}, "cannot be a user name"),
        ({"team": "&&&"}, "cannot be a team name"),
        ({"email": "nowhere"}, "valid email"),
    ],
)
def test_a_wrong_answer_is_explained_in_place(
    client: Client, changes: dict[str, str], sentence: str
) -> None:
    response = client.post(link(), ANSWERS | changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Account.objects.exists()
    assert not Entity.objects.exists()


def test_a_user_and_a_group_that_exist_are_linked_not_made_again() -> None:
    people.declare(people.GROUP % "platform")
    people.declare(people.USER % ("mira", "Mira of Git", ""))
    before = Entity.objects.get(ref="user:default/mira").text
    mira = setup.found(FOUNDER)
    assert mira.entity_ref == "user:default/mira"
    assert Entity.objects.get(ref="user:default/mira").text == before
    assert Entity.objects.filter(kind="Group").count() == 1


def test_a_new_group_takes_in_a_user_that_exists() -> None:
    people.declare(people.USER % ("mira", "Mira of Git", ""))
    mira = setup.found(FOUNDER)
    assert "group:default/platform" in ownership.principals(mira.entity_ref)


def test_after_set_up_the_link_says_that_it_is_done(client: Client) -> None:
    people.alice()
    response = client.get(link())
    assert response.status_code == 410
    assert "Set-up is done" in response.content.decode()
    assert client.post(link(), ANSWERS).status_code == 410
    assert Account.objects.count() == 1
    hint = client.get(reverse("setup-needed"))
    assert hint.headers["Location"] == reverse("home")


def test_a_second_founder_is_refused() -> None:
    setup.found(FOUNDER)
    with pytest.raises(Refusal, match="Set-up is done"):
        setup.found(FOUNDER)


@pytest.mark.storage
@pytest.mark.django_db(transaction=True)
def test_two_people_at_the_link_at_once_make_one_administrator() -> None:
    def attempt(number: int) -> bool:
        try:
            setup.found(
                setup.Founder(f"mira{number}", people.PASSWORD, f"Team {number}")
            )
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, range(4)))
    assert results.count(True) == 1
    assert Account.objects.count() == 1
    assert Entity.objects.filter(kind="User").count() == 1


def test_no_account_can_be_used_without_a_password() -> None:
    account = Account.objects.create_user("dora")
    assert not account.has_usable_password()


def test_welcome_loads_the_example_and_marks_it(client: Client) -> None:
    client.force_login(people.alice())
    response = client.post(reverse("welcome"))
    assert response.headers["Location"] == reverse("catalog")
    assert Entity.objects.filter(source__example=True).count() > 30
    page = client.get(reverse("welcome")).content.decode()
    assert "See the example" in page


def test_welcome_is_for_administrators() -> None:
    address = reverse("welcome")
    for account in (people.bob(), people.charlie()):
        assert people.signed_in(account).get(address).status_code == 403
        assert people.signed_in(account).post(address).status_code == 403
    assert not Entity.objects.filter(source__example=True).exists()


def test_set_up_comes_before_an_open_house(client: Client, settings: Settings) -> None:
    settings.GREENROOM_PUBLIC = True
    to_set_up = reverse("setup-needed")
    assert client.get(reverse("catalog")).headers["Location"] == to_set_up
    fragment = client.get(reverse("search"), headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == to_set_up
