"""The first administrator: a one-time link, an account, a User entity and a group."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from catalog import refs
from catalog.entities.models import Entity
from portal import keys
from portal.accounts import audit, names, person
from portal.accounts.models import Account, Role
from portal.accounts.refusal import Refusal

DONE = "Set-up is done. Sign in."


@dataclass(frozen=True)
class Founder:
    """What the first administrator says about themselves and their team."""

    username: str
    password: str
    team: str
    display_name: str = ""
    email: str = ""


def is_needed() -> bool:
    """Is there still nobody who can sign in?"""
    return not Account.objects.exists()


def is_token(token: str) -> bool:
    """Is this the token of the set-up link?"""
    return constant_time_compare(token, keys.setup_token(settings.SECRET_KEY))


def found(founder: Founder) -> Account:
    """Make the first administrator; raises Refusal when somebody was faster.

    Account, User and Group come into being together, or not at all.
    """
    username = names.clean(founder.username)
    group = group_ref(founder.team)
    try:
        with transaction.atomic():
            account = _account(founder, username)
            _declare(account, group, founder.team)
            audit.record(account, "set up Greenroom", account.username, f"in {group}")
    except IntegrityError:
        raise Refusal(DONE) from None
    return account


def group_ref(team: str) -> refs.Ref:
    """The group that a team name stands for."""
    try:
        name = refs.to_name(team).lower()
    except refs.RefError:
        raise Refusal(
            f"“{team}” cannot be a team name: it needs a letter or a digit.", "team"
        ) from None
    return refs.Ref("Group", refs.DEFAULT_NAMESPACE, name)


def _account(founder: Founder, username: str) -> Account:
    if not is_needed():
        raise Refusal(DONE)
    return Account.objects.create_user(
        username,
        founder.password,
        is_founder=True,
        role=Role.ADMIN,
        display_name=founder.display_name.strip(),
        email=founder.email,
        entity_ref=names.person_ref(username),
    )


def _declare(account: Account, group: refs.Ref, title: str) -> None:
    """User and Group, each only where the catalog does not have it already.

    Membership is said by the one that is new; two that exist are left as they are.
    """
    documents = []
    knows_user = person.entity_of(account) is not None
    if not Entity.objects.filter(ref=str(group)).exists():
        spec = {
            "type": "team",
            "profile": {"displayName": title.strip()},
            "children": [],
        }
        if knows_user:
            spec["members"] = [refs.short(account.entity_ref)]
        documents.append(person.document("Group", {"name": group.name}, spec))
    if not knows_user:
        documents.append(person.user_document(account, [refs.short(str(group))]))
    if documents:
        person.declare(*documents, author=account, door="set-up")
