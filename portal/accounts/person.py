"""The User entity behind an account: find one, make one, tie the two together."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from catalog import refs
from catalog.entities import dialect
from catalog.entities.models import Entity
from catalog.sources import processing
from portal.accounts import audit, names
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal

API_VERSION = "backstage.io/v1alpha1"
TAKEN = "Another account is linked to that User. Choose another one."


def entity_of(account: Account) -> Entity | None:
    """The User entity of this account, or nothing when the catalog has lost it."""
    return Entity.objects.filter(ref=account.entity_ref).first()


def unlinked() -> QuerySet[Entity]:
    """The User entities that no account is linked to."""
    linked = Account.objects.exclude(entity_ref="").values("entity_ref")
    people = Entity.objects.filter(kind="User").exclude(ref__in=linked)
    return people.light().order_by("ref")


def groups() -> QuerySet[Entity]:
    """The groups that a new User can be made a member of."""
    return Entity.objects.filter(kind="Group").light().order_by("ref")


def ensure(account: Account, *, group_ref: str, door: str, author: Account) -> None:
    """Declare the User entity of this account, unless the catalog has it already."""
    if entity_of(account) is None:
        groups = [refs.short(group_ref)] if group_ref else []
        declare(user_document(account, groups), author=author, door=door)


def user_document(account: Account, groups: list[str]) -> dict[str, Any]:
    """The document of a User entity for this account."""
    ref = refs.parse(account.entity_ref)
    profile = {"displayName": account.label}
    if account.email:
        profile["email"] = account.email
    metadata = {"name": ref.name, "namespace": ref.namespace}
    return document("User", metadata, {"profile": profile, "memberOf": groups})


def document(
    kind: str, metadata: dict[str, str], spec: dict[str, Any]
) -> dict[str, Any]:
    """The envelope around a User or Group; the default namespace is left out."""
    if metadata.get("namespace") == refs.DEFAULT_NAMESPACE:
        metadata = {k: v for k, v in metadata.items() if k != "namespace"}
    return {
        "apiVersion": API_VERSION,
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def declare(*documents: dict[str, Any], author: Account, door: str) -> None:
    """Put documents into the catalog by its one way in: all of them, or Refusal."""
    text = "---\n".join(dialect.write(one) for one in documents)
    outcome = processing.declare(text, author=author, door=door, reason="a new login")
    refused = [problem for problem in outcome.problems if problem.is_error]
    if refused:
        raise Refusal(f"The catalog refused this: {refused[0].sentence()}")


def link(account: Account, ref: str, *, by: Account | None) -> None:
    """Make the account this User: it gets what that User owns and sees.

    Raises Refusal when the reference names no User, or a User that is taken.
    """
    ref = ref.lower()
    if not Entity.objects.filter(ref=ref, kind="User").exists():
        raise Refusal(f"The catalog has no User “{ref}”.", "entity_ref")
    before, account.entity_ref = account.entity_ref, ref
    try:
        with transaction.atomic():
            account.save(update_fields=["entity_ref"])
            detail = f"from {before or 'no User'} to {ref}"
            audit.record(by, "linked", account.username, detail)
    except IntegrityError:
        raise Refusal(TAKEN, "entity_ref") from None


def declare_for(account: Account, *, by: Account) -> None:
    """Make the User entity that an account lacks, or that the catalog has lost."""
    ref = account.entity_ref or names.person_ref(account.username)
    with transaction.atomic():
        if Entity.objects.filter(ref=ref).exists():
            raise Refusal(
                f"The catalog has {refs.short(ref)} already. Link it instead."
            )
        account.entity_ref = ref
        try:
            account.save(update_fields=["entity_ref"])
        except IntegrityError:
            raise Refusal(TAKEN, "entity_ref") from None
        ensure(account, group_ref="", door="people", author=by)
        audit.record(by, "declared the User of", account.username, ref)
