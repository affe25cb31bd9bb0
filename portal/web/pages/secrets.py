"""Secrets: the names that documents and sources may refer to, and where each may go."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.secrets import rules
from catalog.secrets.models import Secret
from catalog.secrets.revealing import State, state_of
from portal.accounts.models import Role
from portal.web.gate import needs


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    secret: Secret
    state: State
    uses: list[str]


@needs(Role.ADMIN)
@require_safe
def secrets(request: HttpRequest) -> HttpResponse:
    """Every secret, and whether this process finds its value."""
    rows = [
        Row(secret, state_of(secret), [rules.USES[use] for use in secret.use_words])
        for secret in Secret.objects.order_by("name")
    ]
    context = {"rows": rows, "folder": settings.GREENROOM_SECRETS}
    return render(request, "pages/secrets.html", context)
