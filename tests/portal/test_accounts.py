"""Signing in and out, forgotten passwords, the own page, accounts from the terminal."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from catalog.entities.models import Entity
from portal.accounts import attempts, passwords, tasks
from portal.accounts.models import Account, Attempt, AuditEvent, Role
from tests import people

pytestmark = pytest.mark.django_db
NEW = "another horse 8 staple"
SECRET = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: %s
  annotations: {greenroom/visibility: "%s"}
spec: {type: service, lifecycle: production, owner: group:default/speech}
"""


def sign_in(client: Client, name: str, password: str, **more: str) -> int:
    data = {"name": name, "password": password, **more}
    return client.post(reverse("login"), data).status_code


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


@pytest.mark.parametrize("name", ["bob", " BOB ", "bob@example.org", "Bob@Example.org"])
def test_sign_in_by_user_name_or_mail_in_any_case(client: Client, name: str) -> None:
    bob = people.bob()
    assert sign_in(client, name, people.PASSWORD) == 302
    assert who(client) == str(bob.pk)


def test_the_answer_does_not_tell_what_was_wrong(client: Client) -> None:
    people.bob()
    closed = people.charlie()
    closed.is_active = False
    closed.save()
    answers = set()
    for name, password in [
        ("bob", "wrong"),
        ("nobody", "wrong"),
        ("nobody@example.org", "wrong"),
        ("charlie", people.PASSWORD),
    ]:
        data = {"name": name, "password": password}
        page = client.post(reverse("login"), data).content.decode()
        answers.add(re.sub(r'value="[^"]*"', "", page))
    assert len(answers) == 1
    assert "The name or the password is not right." in answers.pop()


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        # A word, which could be the name of a route of ours.
        ("healthz", "/"),
        ("/catalog/?kind=model", "/catalog/?kind=model"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
def test_after_sign_in_one_goes_where_one_wanted_here(
    client: Client, wanted: str, target: str
) -> None:
    people.bob()
    data = {"name": "bob", "password": people.PASSWORD, "next": wanted}
    response = client.post(reverse("login"), data)
    assert response.headers["Location"] == target


def test_ten_failures_make_even_the_right_password_wait(client: Client) -> None:
    people.bob()
    for number in range(attempts.LIMIT):
        # Name and mail address are one account, and count as one.
        sign_in(client, "bob" if number % 2 else "bob@example.org", "wrong")
    data = {"name": "bob", "password": people.PASSWORD}
    page = client.post(reverse("login"), data)
    assert page.status_code == 422
    assert "Try again in 15 minutes." in page.content.decode()
    assert "An administrator can make a reset link." in page.content.decode()
    # Somebody elsewhere is not locked out by it, nor is anybody else here.
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert sign_in(elsewhere, "bob", people.PASSWORD) == 302
    Attempt.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert sign_in(client, "bob", people.PASSWORD) == 302


def test_success_forgets_the_failures_and_nothing_typed_is_kept(client: Client) -> None:
    people.bob()
    sign_in(client, "my secret", "wrong")
    assert "secret" not in str(Attempt.objects.values_list())
    for _ in range(attempts.LIMIT - 1):
        sign_in(client, "bob", "wrong")
    sign_in(client, "bob", people.PASSWORD)
    assert Attempt.objects.count() == 1


def test_sign_out_needs_a_post() -> None:
    client = people.signed_in(people.bob())
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout")).headers["Location"] == reverse("login")
    assert who(client) is None


def test_the_admin_of_django_has_no_sign_in_of_its_own(client: Client) -> None:
    people.alice()
    data = {"username": "alice", "password": people.PASSWORD, "next": "/admin/"}
    response = client.post("/admin/login/", data)
    assert response.headers["Location"].startswith(reverse("login"))
    assert who(client) is None
    assert people.signed_in(people.charlie()).get("/admin/login/").status_code == 403


def test_django_admin_opens_for_administrators_only() -> None:
    assert people.signed_in(people.alice()).get("/admin/").status_code == 200
    assert people.signed_in(people.bob()).get("/admin/").status_code != 200


def test_without_mail_the_page_says_whom_to_ask(client: Client) -> None:
    people.alice()
    page = client.get(reverse("reset")).content.decode()
    assert "Ask an administrator" in page
    assert client.post(reverse("reset"), {"email": "a@example.org"}).status_code == 200
    assert not mail.outbox


def can_mail(settings: Settings) -> None:
    settings.GREENROOM_MAIL = True
    settings.GREENROOM_URL = "https://greenroom.example"


def test_a_mailed_link_sets_a_new_password_once(
    client: Client, settings: Settings
) -> None:
    can_mail(settings)
    bob = people.bob()
    tasks.mail_reset("BOB@example.org")
    text = str(mail.outbox[0].body)
    found = re.search(r"https://greenroom\.example(/reset/\S+/)", text)
    assert found
    assert "bob" in client.get(found[1]).content.decode()
    weak = client.post(found[1], {"password": "bob baker 1", "again": "bob baker 1"})
    assert weak.status_code == 422
    assert client.post(found[1], {"password": NEW, "again": NEW}).status_code == 302
    assert who(client) == str(bob.pk)
    assert Client().get(found[1]).status_code == 410
    assert sign_in(Client(), "bob", NEW) == 302


def test_asking_answers_the_same_for_an_unknown_address(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    can_mail(settings)
    people.bob()
    monkeypatch.setattr(tasks.mail_reset, "delay", tasks.mail_reset)
    answers = set()
    for email in ("bob@example.org", "nobody@example.org"):
        page = client.post(reverse("reset"), {"email": email}).content.decode()
        answers.add(re.sub(r'value="[^"]*"', "", page))
    assert len(answers) == 1
    assert [message.to for message in mail.outbox] == [["bob@example.org"]]


@pytest.mark.parametrize("uid", ["MQ", "x", "!!", "OTk5OTk5"])
def test_a_made_up_reset_link_opens_nothing(client: Client, uid: str) -> None:
    people.bob()
    address = reverse("reset-confirm", args=[uid, "abc-def"])
    assert client.get(address).status_code == 410


def test_a_reset_link_of_a_closed_account_opens_nothing(client: Client) -> None:
    bob = people.bob()
    path = passwords.reset_path(bob)
    bob.is_active = False
    bob.save()
    assert client.get(path).status_code == 410


def test_my_page_says_who_i_am_and_what_i_see() -> None:
    bob = people.bob()
    people.declare(SECRET % ("dictation", "group:speech"))
    people.declare(SECRET % ("payroll", "group:finance"))
    page = people.signed_in(bob).get(reverse("me")).content.decode()
    assert "user:bob" in page
    assert "speech" in page
    assert "1 of them restricted" in page


def test_my_page_when_my_user_entity_is_gone() -> None:
    bob = people.bob()
    bob.entity_ref = "user:default/gone"
    bob.save()
    client = people.signed_in(bob)
    assert "Not in the catalog." in client.get(reverse("me")).content.decode()
    bob.entity_ref = ""
    bob.save()
    assert "Not linked." in client.get(reverse("me")).content.decode()


def test_i_change_my_profile_and_times_follow_my_zone() -> None:
    bob = people.bob()
    client = people.signed_in(bob)
    answers = {
        "display_name": "Robert <b>",
        "email": "robert@example.org",
        "time_zone": "Pacific/Auckland",
        "theme": "dark",
    }
    saved = client.post(reverse("me"), {"action": "profile", **answers}, follow=True)
    page = saved.content.decode()
    assert "Robert &lt;b&gt;" in page
    assert 'data-theme="dark"' in page
    assert "NZDT" in page or "NZST" in page or "Auckland" in page
    bob.refresh_from_db()
    assert bob.time_zone == "Pacific/Auckland"
    assert (
        AuditEvent.objects.filter(actor=bob, action="changed the profile").count() == 1
    )


def test_two_accounts_cannot_have_one_mail_address() -> None:
    people.alice()
    answers = {"action": "profile", "email": "ALICE@example.org", "theme": "auto"}
    page = people.signed_in(people.bob()).post(reverse("me"), answers)
    assert page.status_code == 422
    assert "not available" in page.content.decode()


def test_a_new_password_keeps_this_session_and_ends_the_others() -> None:
    bob = people.bob()
    here, there = people.signed_in(bob), people.signed_in(bob)
    answers = {"action": "password", "current": people.PASSWORD}
    answers |= {"password": NEW, "again": NEW}
    assert here.post(reverse("me"), answers).status_code == 302
    assert here.get(reverse("me")).status_code == 200
    assert there.get(reverse("me")).status_code == 302


def test_a_new_password_needs_the_old_one() -> None:
    client = people.signed_in(people.bob())
    answers = {"action": "password", "current": "guess", "password": NEW, "again": NEW}
    page = client.post(reverse("me"), answers)
    assert "not your current password" in page.content.decode()
    for _ in range(attempts.LIMIT):
        page = client.post(reverse("me"), answers)
    assert "too many attempts" in page.content.decode()


def test_a_visit_is_noted_once_in_five_minutes() -> None:
    bob = people.bob()
    client = people.signed_in(bob)
    client.get(reverse("me"))
    bob.refresh_from_db()
    first = bob.last_seen_at
    assert first is not None
    client.get(reverse("me"))
    bob.refresh_from_db()
    assert bob.last_seen_at == first


def test_role_alone_says_what_an_account_may() -> None:
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    assert [a.sees_all for a in (alice, bob, charlie)] == [True, False, False]
    assert [a.can_edit for a in (alice, bob, charlie)] == [True, True, False]
    alice.is_active = False
    assert not (alice.sees_all or alice.is_staff or alice.has_perm("x"))


def test_the_terminal_lists_changes_roles_and_makes_links(
    capsys: pytest.CaptureFixture[str],
) -> None:
    alice = people.alice()
    people.bob()
    call_command("account", "list")
    assert "user:default/alice" in capsys.readouterr().out
    call_command("account", "role", "bob@example.org", "admin")
    assert Account.objects.get(username="bob").role == Role.ADMIN
    call_command("account", "reset", "alice")
    path = re.search(r"https?://[^/]+(/reset/\S+)", capsys.readouterr().out)
    assert path and Client().get(path[1]).status_code == 200
    call_command("account", "invite", "Jonas", "--role", "editor", "--group", "speech")
    path = re.search(r"https?://[^/]+(/invite/\S+)", capsys.readouterr().out)
    assert path and Client().get(path[1]).status_code == 200
    assert alice.is_active


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("role", "nobody", "admin"), "no account “nobody”"),
        (("role", "alice", "viewer"), "only administrator"),
        (("invite", "Jonas", "--user", "jonas"), "no User “user:default/jonas”"),
        (("invite", "Jonas", "--user", "a b"), "is not a reference"),
    ],
)
def test_the_terminal_answers_a_mistake_with_one_sentence(
    words: tuple[str, ...], sentence: str
) -> None:
    people.alice()
    with pytest.raises(CommandError, match=re.escape(sentence)):
        call_command("account", *words)
    assert Entity.objects.filter(kind="User").count() == 1
