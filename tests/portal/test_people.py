"""People: invites, roles, links to the catalog; who must not get in, or in deeper."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.entities import ownership
from catalog.entities.models import Entity
from portal.accounts import invites, person, roles
from portal.accounts.invites import Guest, Offer
from portal.accounts.models import Account, AuditEvent, Invite, Role
from portal.accounts.refusal import Refusal
from tests import people

pytestmark = pytest.mark.django_db

JONAS = Guest("jonas", people.PASSWORD, "Jonas Keller", "jonas@example.org")
GUEST = {
    "username": "jonas",
    "display_name": "Jonas Keller",
    "password": people.PASSWORD,
    "again": people.PASSWORD,
}
WAGES = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: wages
  annotations: {greenroom/visibility: "user:ghost"}
spec: {type: service, lifecycle: production, owner: user:phantom}
"""


def token(username: str = "", entity_ref: str = "", group_ref: str = "") -> str:
    """The token of a new invite."""
    offer = Offer(username=username, entity_ref=entity_ref, group_ref=group_ref)
    return invites.make(offer, by=None)[1]


@pytest.mark.parametrize("make", [people.bob, people.charlie])
def test_only_administrators_reach_people(make: Callable[[], Account]) -> None:
    people.alice()
    client, other = people.signed_in(make()), people.person("x", "X", Role.VIEWER)
    invite, _ = invites.make(Offer(), by=None)
    addresses = [
        reverse("people"),
        reverse("invite-new"),
        reverse("person", args=[other.pk]),
        reverse("invite-revoke", args=[invite.pk]),
    ]
    for address in addresses:
        for response in (client.get(address), client.post(address)):
            assert response.status_code == 403
            assert "for administrators" in response.content.decode()


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    people.alice()
    for name in ("people", "invite-new", "me", "welcome"):
        response = client.get(reverse(name))
        assert response.headers["Location"].startswith(reverse("login"))


def test_the_list_shows_everybody_and_the_open_invites() -> None:
    client = people.signed_in(people.alice())
    people.bob()
    Account.objects.create_user("dora")
    Account.objects.create_user("emil", entity_ref="user:default/emil")
    invites.make(Offer(note="Jonas <speech>"), by=None)
    page = client.get(reverse("people")).content.decode()
    for text in ("Bob Baker", "user:bob", "not linked", "not in the catalog"):
        assert text in page
    assert "Jonas &lt;speech&gt;" in page


def test_an_invite_link_is_shown_once_and_lets_one_person_in(client: Client) -> None:
    admin = people.signed_in(people.alice())
    answers = {"note": "Jonas", "role": "editor", "days": "7"}
    made = admin.post(reverse("invite-new"), answers).content.decode()
    found = re.search(r"http://testserver(/invite/[\w-]+/)", made)
    assert found
    assert found[1] not in admin.get(reverse("people")).content.decode()
    secret = found[1].split("/")[2]
    assert secret not in str(Invite.objects.values_list())
    assert client.get(found[1]).status_code == 200
    assert client.post(found[1], GUEST).headers["Location"] == reverse("me")
    jonas = Account.objects.get(username="jonas")
    assert (jonas.role, jonas.entity_ref) == (Role.EDITOR, "user:default/jonas")
    assert Entity.objects.get(ref="user:default/jonas").title == "Jonas Keller"
    again = Client()
    assert again.get(found[1]).status_code == 410
    assert again.post(found[1], GUEST | {"username": "jonas2"}).status_code == 410
    assert Account.objects.count() == 2


@pytest.mark.parametrize("change", ["expires_at", "revoked_at", "used_at"])
def test_a_closed_invite_lets_nobody_in(client: Client, change: str) -> None:
    secret = token()
    Invite.objects.update(**{change: timezone.now() - timedelta(seconds=1)})
    address = reverse("invite", args=[secret])
    assert client.get(address).status_code == 410
    assert client.post(address, GUEST).status_code == 410
    with pytest.raises(Refusal):
        invites.accept(secret, JONAS)
    assert not Account.objects.exists()


def test_revoke_closes_an_invite() -> None:
    admin = people.signed_in(people.alice())
    invite, secret = invites.make(Offer(), by=None)
    address = reverse("invite-revoke", args=[invite.pk])
    assert "revoked" in admin.post(address, follow=True).content.decode()
    assert invites.find(secret) is None
    assert "closed before" in admin.post(address, follow=True).content.decode()


def test_a_guest_cannot_choose_a_name_that_the_catalog_knows() -> None:
    """A name that is known owns and sees things, even where nobody declares it."""
    people.bob()
    people.declare(people.USER % ("lena", "Lena of Git", "speech"))
    people.declare(WAGES)
    for name in ("lena", "ghost", "phantom", "bob", "LENA"):
        with pytest.raises(Refusal, match="not available"):
            invites.accept(token(), Guest(name, people.PASSWORD))
    assert Account.objects.count() == 1
    assert Invite.objects.open().count() == 5


def test_an_administrator_can_give_such_a_name_away() -> None:
    people.declare(WAGES)
    people.declare(people.USER % ("lena", "Lena of Git", ""))
    lena = invites.accept(token(username="lena"), JONAS)
    assert (lena.username, lena.entity_ref) == ("lena", "user:default/lena")
    ghost = invites.accept(token(username="ghost"), Guest("x", people.PASSWORD))
    assert Entity.objects.visible_to(people.viewer(ghost)).filter(name="wages").exists()


def test_an_invite_for_a_user_links_to_it_whatever_the_user_name() -> None:
    people.bob()
    people.declare(people.USER % ("lena", "Lena of Git", "speech"))
    jonas = invites.accept(token(entity_ref="user:default/lena"), JONAS)
    assert jonas.entity_ref == "user:default/lena"
    assert people.SPEECH in ownership.principals(jonas.entity_ref)
    assert not Entity.objects.filter(ref="user:default/jonas").exists()


def test_a_new_user_joins_the_group_of_the_invite() -> None:
    people.bob()
    jonas = invites.accept(token(group_ref=people.SPEECH), JONAS)
    assert people.SPEECH in ownership.principals(jonas.entity_ref)


def test_an_invite_offers_only_what_is_free() -> None:
    people.bob()
    people.declare(people.USER % ("lena", "Lena", ""))
    for offer in (
        Offer(entity_ref="user:default/bob"),
        Offer(entity_ref="user:default/nobody"),
        Offer(username="bob"),
        Offer(group_ref="group:default/nobody"),
        Offer(entity_ref="group:default/speech"),
    ):
        with pytest.raises(Refusal):
            invites.make(offer, by=None)
    token(entity_ref="user:default/lena")
    for offer in (Offer(entity_ref="user:default/lena"), Offer(username="lena")):
        with pytest.raises(Refusal, match="open invite"):
            invites.make(offer, by=None)


def test_an_invite_whose_user_was_linked_meanwhile_is_refused() -> None:
    charlie = people.charlie()
    people.declare(people.USER % ("lena", "Lena", ""))
    secret = token(entity_ref="user:default/lena")
    person.link(charlie, "user:default/lena", by=None)
    with pytest.raises(Refusal, match="has an account by now"):
        invites.accept(secret, JONAS)


def test_a_wrong_answer_keeps_the_invite_open(client: Client) -> None:
    people.bob()
    address = reverse("invite", args=[token()])
    for wrong in ({"username": "bob"}, {"email": "bob@example.org"}, {"again": "x"}):
        assert client.post(address, GUEST | wrong).status_code == 422
    assert client.post(address, GUEST).status_code == 302


def test_a_guest_cannot_change_the_user_name_of_the_invite(client: Client) -> None:
    people.alice()
    address = reverse("invite", args=[token(username="mara")])
    client.post(address, GUEST)
    assert Account.objects.filter(username="mara").exists()
    assert not Account.objects.filter(username="jonas").exists()


def test_the_last_administrator_stays() -> None:
    alice = people.alice()
    client = people.signed_in(alice)
    address = reverse("person", args=[alice.pk])
    for data in ({"action": "role", "role": "viewer"}, {"action": "deactivate"}):
        page = client.post(address, data, follow=True).content.decode()
        assert "the only administrator left" in page
    alice.refresh_from_db()
    assert alice.is_admin
    bob = people.bob()
    roles.change(bob, Role.ADMIN, by=alice)
    roles.deactivate(alice, by=bob)
    with pytest.raises(Refusal):
        roles.change(bob, Role.EDITOR, by=bob)


def test_deactivation_ends_sessions_and_can_be_undone() -> None:
    admin, bob = people.signed_in(people.alice()), people.bob()
    there = people.signed_in(bob)
    address = reverse("person", args=[bob.pk])
    admin.post(address, {"action": "deactivate"})
    assert there.get(reverse("me")).status_code == 302
    assert "deactivated" in admin.get(reverse("people")).content.decode()
    admin.post(address, {"action": "reactivate"})
    assert there.get(reverse("me")).status_code == 200


def test_a_changed_role_counts_at_once() -> None:
    alice, charlie = people.alice(), people.charlie()
    admin, there = people.signed_in(alice), people.signed_in(charlie)
    address = reverse("person", args=[charlie.pk])
    admin.post(address, {"action": "role", "role": "admin"})
    assert there.get(reverse("people")).status_code == 200
    admin.post(address, {"action": "role", "role": "emperor"})
    charlie.refresh_from_db()
    assert charlie.role == Role.ADMIN


def test_an_account_is_linked_to_a_user_that_is_free() -> None:
    admin, bob = people.signed_in(people.alice()), people.bob()
    dora = Account.objects.create_user("dora")
    people.declare(people.USER % ("lena", "Lena", ""))
    address = reverse("person", args=[dora.pk])
    for wrong in ("bob", "nobody", "group:speech", ""):
        admin.post(address, {"action": "link", "entity_ref": wrong})
        dora.refresh_from_db()
        assert dora.entity_ref == ""
    admin.post(address, {"action": "link", "entity_ref": "Lena"})
    dora.refresh_from_db()
    assert dora.entity_ref == "user:default/lena"
    assert bob.entity_ref == "user:default/bob"


def test_a_missing_user_is_made_from_the_account() -> None:
    admin = people.signed_in(people.alice())
    dora = Account.objects.create_user("dora", display_name="Dora Diaz")
    address = reverse("person", args=[dora.pk])
    admin.post(address, {"action": "declare"})
    dora.refresh_from_db()
    assert dora.entity_ref == "user:default/dora"
    assert Entity.objects.get(ref=dora.entity_ref).title == "Dora Diaz"
    page = admin.post(address, {"action": "declare"}, follow=True).content.decode()
    assert "already" in page


def test_a_reset_link_of_an_administrator_works_once(client: Client) -> None:
    admin, bob = people.signed_in(people.alice()), people.bob()
    address = reverse("person", args=[bob.pk])
    page = admin.post(address, {"action": "reset"}).content.decode()
    found = re.search(r"http://testserver(/reset/\S+?/\S+?/)", page)
    assert found
    assert found[1] not in admin.get(address).content.decode()
    answers = {"password": "another horse 8", "again": "another horse 8"}
    assert client.post(found[1], answers).status_code == 302
    assert Client().get(found[1]).status_code == 410


def test_every_write_leaves_an_audit_row() -> None:
    alice, bob = people.alice(), people.bob()
    roles.change(bob, Role.VIEWER, by=alice)
    roles.deactivate(bob, by=alice)
    roles.reactivate(bob, by=alice)
    person.link(bob, bob.entity_ref, by=alice)
    invite, secret = invites.make(Offer(note="Jonas"), by=alice)
    invites.accept(secret, JONAS)
    invite, _ = invites.make(Offer(), by=alice)
    invites.revoke(invite, by=alice)
    actions = list(AuditEvent.objects.order_by("id").values_list("action", flat=True))
    assert actions == [
        "changed the role of",
        *("deactivated", "reactivated", "linked"),
        *("invited", "joined", "invited", "revoked the invite for"),
    ]
