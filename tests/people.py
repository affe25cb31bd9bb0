"""Alice, Bob and Charlie: the people of the tests, built in code.

Alice is the administrator, Bob an editor in the speech team, Charlie a viewer who is in
no group. Each is a login and a User of the catalog.
"""

from __future__ import annotations

from django.test import Client

from catalog.entities.access import viewer_of
from catalog.entities.viewer import Viewer
from catalog.sources import processing
from portal.accounts.models import Account, Role

PASSWORD = "correct horse 7 battery"
SPEECH = "group:default/speech"

GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: %s}
spec: {type: team, children: []}
"""
USER = """\
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: %s}
spec:
  profile: {displayName: %s}
  memberOf: [%s]
"""


def alice() -> Account:
    """The administrator."""
    return person("alice", "Alice Ahmadi", Role.ADMIN)


def bob() -> Account:
    """An editor in the speech team."""
    declare(GROUP % "speech")
    return person("bob", "Bob Baker", Role.EDITOR, "speech")


def charlie() -> Account:
    """A viewer who is in no group."""
    return person("charlie", "Charlie Cho", Role.VIEWER)


def person(name: str, display_name: str, role: Role, group: str = "") -> Account:
    """A login and its User entity."""
    declare(USER % (name, display_name, group))
    return Account.objects.create_user(
        name,
        PASSWORD,
        display_name=display_name,
        email=f"{name}@example.org",
        role=role,
        entity_ref=f"user:default/{name}",
    )


def declare(text: str) -> None:
    """Put documents into the catalog as if somebody had pasted them."""
    outcome = processing.declare(text, door="tests")
    assert not [problem for problem in outcome.problems if problem.is_error], outcome


def signed_in(account: Account) -> Client:
    """A browser in which this person is signed in."""
    client = Client()
    client.force_login(account)
    return client


def viewer(account: Account) -> Viewer:
    """How the catalog sees this person."""
    return viewer_of(account)
