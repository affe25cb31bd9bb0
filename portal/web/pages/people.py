"""People: who can sign in, as which User, and which invites are open."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities.models import Entity
from portal.accounts import person
from portal.accounts.models import Account, AuditEvent, Invite, Role
from portal.web.gate import account_of

PER_PAGE = 50
RECENT = 10


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    account: Account
    role: str
    in_catalog: bool
    is_you: bool


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Every account, the open invites, and what was changed last."""
    everybody = Account.objects.order_by("-is_active", "username")
    page = Paginator(everybody, PER_PAGE).get_page(request.GET.get("page"))
    refs = [account.entity_ref for account in page]
    known = set(
        Entity.objects.filter(ref__in=refs, kind="User").values_list("ref", flat=True)
    )
    you = account_of(request)
    context = {
        "page": page,
        "rows": [
            Row(
                account=account,
                role=Role(account.role).label,
                in_catalog=account.entity_ref in known,
                is_you=account == you,
            )
            for account in page
        ],
        "invites": Invite.objects.open().select_related("created_by"),
        "unlinked": person.unlinked().count(),
        "events": AuditEvent.objects.all()[:RECENT],
    }
    return render(request, "pages/people.html", context)
