"""What to do with an empty house: an example, real files, a paste, or nothing yet."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.entities.models import Entity
from catalog.sources import adding, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from portal.accounts.models import Account
from portal.example import HOMELAB
from portal.web.gate import account_of
from portal.web.subject import PEOPLE


@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Four ways to begin; a POST loads the example and shows it."""
    if request.method == "POST":
        return load_example(request)
    context = {
        "example": Source.objects.filter(example=True).first(),
        "has_example": HOMELAB.is_dir(),
        **begun(account_of(request)),
    }
    return render(request, "pages/welcome.html", context)


def begun(account: Account) -> dict[str, Any]:
    """How much there is, and whether it is only people, or only whoever asks."""
    others = Entity.objects.exclude(kind__in=PEOPLE)
    users = Entity.objects.filter(kind="User").exclude(ref=account.entity_ref)
    return {
        "entities": Entity.objects.count(),
        "only_people": not others.exists(),
        "only_me": not others.exists() and not users.exists(),
    }


def load_example(request: HttpRequest) -> HttpResponse:
    """Add the example as a source of its own and read it at once."""
    author = account_of(request)
    try:
        source = adding.add_source(str(HOMELAB), author=author, example=True)
    except SourceError as error:
        messages.error(request, str(error))
        return redirect("welcome")
    outcome = processing.refresh(source, author=author, door="welcome")
    messages.success(
        request,
        f"The example is loaded: {outcome.added} entities. "
        "They are marked as an example; remove its source to be rid of them.",
    )
    return redirect("catalog")
