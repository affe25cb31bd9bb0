"""Adding a source: one field, a look at what it would bring, then the real thing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.sources import adding, processing
from catalog.sources.provider import SourceError
from portal.accounts.models import Role
from portal.web.gate import account_of, needs


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Look first; the button `add` then adds and reads."""
    target = request.POST.get("target", "").strip()
    people = "people" in request.POST or request.method != "POST"
    context: dict[str, Any] = {"target": target, "error": "", "outcome": None}
    context["people"] = people
    if request.method != "POST":
        return render(request, "pages/source_add.html", context)
    try:
        if "add" in request.POST:
            return added(request, target, people=people)
        context["outcome"] = adding.dry_run(target, people=people)
    except SourceError as error:
        context["error"] = str(error)
    return render(request, "pages/source_add.html", context)


def added(request: HttpRequest, target: str, *, people: bool) -> HttpResponse:
    """Add and read it at once, so that what follows is not empty."""
    author = account_of(request)
    found = adding.add_source(target, author=author, people=people)
    outcome = processing.refresh(found, author=author)
    if outcome.error:
        messages.error(request, outcome.error)
    else:
        messages.success(request, f"{found.name} is added: {outcome.summary}.")
    return redirect("source", found.pk)
