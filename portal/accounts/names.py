"""What a user name may be, and when somebody may choose it freely."""

from __future__ import annotations

from django.db.models import Q

from catalog import refs
from catalog.entities.models import Audience, Entity, FormerRef, Identity, Relation
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal

NOT_AVAILABLE = "That user name is not available. Choose another one."
MAIL_NOT_AVAILABLE = "That e-mail address is not available. Use another one."
RULE = "1 to 63 letters and digits, with - _ . inside."


def clean(text: str) -> str:
    """A user name as it is stored; raises Refusal when it cannot be one.

    The same rule as for entity names, because the User entity is called the same.
    """
    name = text.strip().lower()
    if not refs.NAME.fullmatch(name):
        raise Refusal(f"“{text}” cannot be a user name: use {RULE}", "username")
    return name


def person_ref(username: str) -> str:
    """The User entity that an account of this name has, unless it is told another."""
    return str(refs.Ref("User", refs.DEFAULT_NAMESPACE, username))


def check_free(username: str) -> None:
    """Raise Refusal when an account has the name."""
    if Account.objects.filter(username=username).exists():
        raise Refusal(NOT_AVAILABLE, "username")


def check_unclaimed(username: str) -> None:
    """Raise Refusal when the catalog knows a User of that name, or ever did.

    Whoever took such a name would own what that User owns and see what that User sees,
    so only an administrator gives it away. The sentence is that of a name in use: it
    must not tell which names the catalog knows.
    """
    check_free(username)
    ref = person_ref(username)
    known = (
        Account.objects.filter(entity_ref=ref),
        Entity.objects.filter(ref=ref),
        Identity.objects.filter(ref=ref),
        FormerRef.objects.filter(ref=ref),
        Audience.objects.filter(principal=ref),
        Relation.objects.filter(Q(source_ref=ref) | Q(target_ref=ref)),
    )
    if any(rows.exists() for rows in known):
        raise Refusal(NOT_AVAILABLE, "username")


def check_email(email: str, *, but: Account | None = None) -> None:
    """Raise Refusal when another account has the e-mail address: it signs in by it."""
    others = Account.objects.filter(email__iexact=email)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if email and others.exists():
        raise Refusal(MAIL_NOT_AVAILABLE, "email")
