"""Who sees what: one rule, the same for rows and for columns of bits."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from catalog.entities.access import viewer_of
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING, Viewer
from catalog.query import columns
from tests import people
from tests.catalog.documents import declare, document, refs_of, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture(autouse=True)
def house():
    """One entity for each way to be visible. Bob is in speech, that is in platform."""
    people.declare(people.GROUP % "speech")
    declare(
        document("Group", "platform", spec={"children": ["speech"]}),
        document(name="plain"),
        document(name="said", annotations=seen_by("signed-in")),
        document(name="open", annotations=seen_by("public")),
        document(name="direct", annotations=seen_by("user:default/bob")),
        document(name="team", annotations=seen_by("speech")),
        document(name="above", annotations=seen_by("Group:Default/Platform")),
        document(name="both", annotations=seen_by("user:charlie", "other")),
        document(name="other", annotations=seen_by("other")),
    )


def seen(viewer: Viewer) -> set[str]:
    """The components that a viewer sees, by both ways to ask."""
    rows = refs_of(Entity.objects.visible_to(viewer))
    table = columns.current()
    keys = {table.keys[at] for at in columns.positions_of(table.visible_to(viewer))}
    assert refs_of(Entity.objects.filter(pk__in=keys)) == rows
    return {ref.rpartition("/")[2] for ref in rows if ref.startswith("component:")}


ALL = {"plain", "said", "open", "direct", "team", "above", "both", "other"}
EVERYONE = {"plain", "said", "open"}


def test_alice_sees_all():
    assert seen(viewer_of(people.alice())) == ALL
    assert seen(EVERYTHING) == ALL


def test_bob_sees_what_he_and_his_groups_may_see():
    assert seen(viewer_of(people.bob())) == EVERYONE | {"direct", "team", "above"}


def test_charlie_sees_what_names_him():
    assert seen(viewer_of(people.charlie())) == EVERYONE | {"both"}


def test_a_stranger_sees_what_is_public():
    assert seen(viewer_of(AnonymousUser())) == {"open"}


def test_in_an_open_house_a_stranger_sees_what_is_not_restricted():
    assert seen(viewer_of(AnonymousUser(), open_house=True)) == EVERYONE


def test_a_login_without_a_user_entity_is_nobody_special():
    account = people.charlie()
    account.entity_ref = ""
    assert seen(viewer_of(account)) == EVERYONE


def test_an_administrator_who_may_not_sign_in_any_more_sees_no_more():
    account = people.alice()
    account.is_active = False
    assert not viewer_of(account).sees_all


def test_sight_follows_the_document_at_once():
    bob = viewer_of(people.bob())
    declare(document(name="team", annotations=seen_by("other")))
    assert "team" not in seen(bob)
    declare(document(name="team", annotations=seen_by("public")))
    assert "team" in seen(bob)
    declare(document(name="team"))
    assert "team" in seen(bob)


def test_sight_follows_the_groups_at_once():
    account = people.bob()
    assert "above" in seen(viewer_of(account))
    declare(document("Group", "platform"))
    assert "above" not in seen(viewer_of(account))


def test_names_without_restriction_grant_nothing():
    """`public` stands alone: beside names it is the name of a group."""
    declare(document(name="odd", annotations=seen_by("public", "user:default/bob")))
    assert "odd" not in seen(viewer_of(AnonymousUser()))
