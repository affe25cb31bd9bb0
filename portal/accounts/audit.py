"""The audit: one row for every write about accounts."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import Account, AuditEvent

COMMAND_LINE = "command line"


def record(
    actor: Account | AnonymousUser | None, action: str, subject: str, detail: str = ""
) -> AuditEvent:
    """Say who did what to whom; no actor means the command line."""
    known = actor if isinstance(actor, Account) else None
    return AuditEvent.objects.create(
        actor=known,
        actor_name=known.username if known else COMMAND_LINE,
        action=action,
        subject=subject[:200],
        detail=detail[:500],
    )
