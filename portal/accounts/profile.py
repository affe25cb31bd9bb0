"""What people change about themselves: name, e-mail, time zone, colours."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from portal.accounts import audit, names
from portal.accounts.models import Account


@dataclass(frozen=True)
class Profile:
    """How a person is called, reached and shown the pages."""

    display_name: str
    email: str
    time_zone: str
    theme: str


def change(account: Account, profile: Profile) -> None:
    """Store it; raises Refusal when another account has the e-mail address."""
    names.check_email(profile.email, but=account)
    fields = ("display_name", "email", "time_zone", "theme")
    changed = [f for f in fields if getattr(account, f) != getattr(profile, f)]
    if not changed:
        return
    with transaction.atomic():
        for field in changed:
            setattr(account, field, getattr(profile, field))
        account.save(update_fields=changed)
        audit.record(
            account, "changed the profile", account.username, ", ".join(changed)
        )
