"""Invite links: make one, revoke it, and let somebody in by it once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog import refs
from catalog.entities.models import Entity
from portal.accounts import audit, names, person
from portal.accounts.models import Account, Invite, Role
from portal.accounts.refusal import Refusal
from portal.accounts.tokens import hash_of

DAYS = (1, 7, 30)
GONE = (
    "This invite was used, was revoked or has expired. "
    "Ask the person who sent it for a new one."
)


@dataclass(frozen=True)
class Offer:
    """What an administrator puts into an invite."""

    role: str = Role.VIEWER
    days: int = 7
    note: str = ""
    username: str = ""
    entity_ref: str = ""
    group_ref: str = ""


@dataclass(frozen=True)
class Guest:
    """What somebody who accepts an invite says about themselves."""

    username: str
    password: str
    display_name: str = ""
    email: str = ""


def as_ref(text: str, kind: str) -> str:
    """What somebody typed as the reference that is stored; empty stays empty."""
    try:
        return str(refs.parse(text, kind=kind)) if text else ""
    except refs.RefError as error:
        raise Refusal(f"{error}.") from None


def make(offer: Offer, *, by: Account | None) -> tuple[Invite, str]:
    """Save an invite and give its token, which is kept nowhere; may raise Refusal."""
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        invite = Invite.objects.create(
            token_hash=hash_of(token),
            role=offer.role,
            note=offer.note.strip(),
            username=_reserved(offer),
            entity_ref=_promised(offer.entity_ref),
            group_ref=_group(offer.group_ref),
            created_by=by,
            expires_at=timezone.now() + timedelta(days=offer.days),
        )
        audit.record(by, "invited", audience(invite), f"as {offer.role}")
    return invite, token


def _reserved(offer: Offer) -> str:
    if not offer.username:
        return ""
    username = names.clean(offer.username)
    names.check_free(username)
    if not offer.entity_ref:
        _promised(names.person_ref(username), "username", exists=False)
    return username


def _promised(ref: str, field: str = "entity_ref", *, exists: bool = True) -> str:
    """The User of an invite: nobody is it, and no other open invite offers it."""
    if not ref:
        return ""
    if exists and not Entity.objects.filter(ref=ref, kind="User").exists():
        raise Refusal(f"The catalog has no User “{ref}”.", field)
    if Account.objects.filter(entity_ref=ref).exists():
        raise Refusal(person.TAKEN, field)
    offered = {_person(invite) for invite in Invite.objects.open()}
    if ref in offered:
        raise Refusal(f"An open invite offers {refs.short(ref)} already.", field)
    return ref


def _group(ref: str) -> str:
    if ref and not Entity.objects.filter(ref=ref, kind="Group").exists():
        raise Refusal(f"The catalog has no Group “{ref}”.", "group_ref")
    return ref


def _person(invite: Invite) -> str:
    """The User that the administrator chose for whoever accepts, or empty."""
    if invite.entity_ref or not invite.username:
        return invite.entity_ref
    return names.person_ref(invite.username)


def audience(invite: Invite) -> str:
    """Whom an invite is for, in words."""
    return invite.note or f"number {invite.pk}"


def find(token: str) -> Invite | None:
    """The invite behind a link, if it can still be accepted."""
    return Invite.objects.open().filter(token_hash=hash_of(token)).first()


def revoke(invite: Invite, *, by: Account | None) -> bool:
    """Close an open invite. False when it was used or closed already."""
    with transaction.atomic():
        mine = Invite.objects.open().filter(pk=invite.pk)
        if not mine.update(revoked_at=timezone.now()):
            return False
        audit.record(by, "revoked the invite for", audience(invite))
    return True


def accept(token: str, guest: Guest) -> Account:
    """Make the account of an invite; raises Refusal, and then the invite stays open.

    A User entity that exists is given only where the administrator chose it: a name
    that guests choose themselves must be one that the catalog has never heard of.
    """
    invite = find(token)
    if invite is None:
        raise Refusal(GONE)
    try:
        with transaction.atomic():
            return _let_in(invite, guest)
    except IntegrityError:
        # Somebody took the name, the address or the User at this very moment.
        raise Refusal(names.NOT_AVAILABLE, "username") from None


def _let_in(invite: Invite, guest: Guest) -> Account:
    now = timezone.now()
    if not Invite.objects.open().filter(pk=invite.pk).update(used_at=now):
        raise Refusal(GONE)
    username = invite.username or names.clean(guest.username)
    names.check_email(guest.email)
    ref = _person(invite)
    if ref:
        names.check_free(username)
    else:
        names.check_unclaimed(username)
    account = Account.objects.create_user(
        username,
        guest.password,
        role=invite.role,
        display_name=guest.display_name.strip(),
        email=guest.email,
        entity_ref=_still_free(ref) or names.person_ref(username),
    )
    person.ensure(account, group_ref=invite.group_ref, door="invite", author=account)
    Invite.objects.filter(pk=invite.pk).update(used_by=account)
    detail = f"by the invite for {audience(invite)}, as {invite.role}"
    audit.record(account, "joined", account.username, detail)
    return account


def _still_free(ref: str) -> str:
    if ref and Account.objects.filter(entity_ref=ref).exists():
        raise Refusal(
            "The User of this invite has an account by now. "
            "Ask the person who sent it for a new one."
        )
    return ref
