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
from catalog.sources.models import Source


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    secret: Secret
    state: State
    uses: list[str]
    sources: list[Source]


@require_safe
def secrets(request: HttpRequest) -> HttpResponse:
    """Every secret, and whether this process finds its value."""
    users: dict[str, list[Source]] = {}
    for source in Source.objects.exclude(secret="").order_by("name"):
        users.setdefault(source.secret, []).append(source)
    rows = [
        Row(
            secret,
            state_of(secret),
            [rules.USES[use] for use in secret.use_words],
            users.pop(secret.name, []),
        )
        for secret in Secret.objects.order_by("name")
    ]
    folder = settings.GREENROOM_SECRETS
    context = {"rows": rows, "folder": folder, "unknown": sorted(users)}
    return render(request, "pages/secrets.html", context)
