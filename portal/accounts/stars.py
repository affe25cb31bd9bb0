"""Stars: the entities that somebody marked for themselves."""

from __future__ import annotations

from portal.accounts.models import Account, Star


def refs_of(account: Account) -> frozenset[str]:
    """The references that this account starred, whether it sees them now or not."""
    return frozenset(account.stars.values_list("ref", flat=True))


def has(account: Account | None, ref: str) -> bool:
    """Did this account star the entity? A stranger did not."""
    return account is not None and account.stars.filter(ref=ref).exists()


def put(account: Account, ref: str, *, on: bool) -> None:
    """Star the entity of this reference, or take the star away; either may repeat."""
    if on:
        Star.objects.get_or_create(account=account, ref=ref)
    else:
        account.stars.filter(ref=ref).delete()
