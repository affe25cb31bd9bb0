"""What accounts may do: change a role, close an account, open it again."""

from __future__ import annotations

from django.db import transaction

from portal.accounts import audit
from portal.accounts.models import Account, Role
from portal.accounts.refusal import Refusal

LAST = (
    "{name} is the only administrator left. Make somebody else an administrator first."
)


def change(account: Account, role: str, *, by: Account | None) -> None:
    """Give an account another role; raises Refusal for the last administrator."""
    with transaction.atomic():
        if role != Role.ADMIN:
            _keep_one(account)
        before, account.role = account.role, role
        account.save(update_fields=["role"])
        audit.record(
            by, "changed the role of", account.username, f"from {before} to {role}"
        )


def deactivate(account: Account, *, by: Account | None) -> None:
    """Close an account: its sessions end now. Its rows and its User entity stay."""
    with transaction.atomic():
        _keep_one(account)
        account.is_active = False
        account.save(update_fields=["is_active"])
        audit.record(by, "deactivated", account.username)


def reactivate(account: Account, *, by: Account | None) -> None:
    """Open a closed account again, as it was."""
    with transaction.atomic():
        account.is_active = True
        account.save(update_fields=["is_active"])
        audit.record(by, "reactivated", account.username)


def _keep_one(account: Account) -> None:
    """Refuse to leave the house without an administrator.

    The rows are locked: two administrators who demote each other at the same moment
    must not both succeed.
    """
    admins = Account.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    left = {one.pk for one in admins.order_by("pk")}
    if left == {account.pk}:
        raise Refusal(LAST.format(name=account.label))
