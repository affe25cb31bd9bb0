"""Adding a source: one field, a look at what it would bring, then the real thing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from catalog.sources import adding, processing
from catalog.sources.outcome import Outcome
from catalog.sources.provider import PROVIDERS, SourceError
from portal.web.gate import account_of
from portal.web.pages.source_manage import waiting
from portal.web.source_forms import GIT, LIMITS, NET, TIMES, AddForm

GROUPS = (
    ("Access: secret; git: branch, files", GIT),
    ("Limits: kinds, namespaces, who sees it", LIMITS[1:]),
    ("Times", TIMES),
    ("Connection: known hosts, certificates", NET),
)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Look first; the button `add` then adds and reads."""
    form = AddForm(request.POST or None, initial={"may_declare_people": True})
    context: dict[str, Any] = {"form": form, "outcome": None, "groups": GROUPS}
    if request.method == "POST" and form.is_valid():
        try:
            if "add" in request.POST:
                return added(request, form)
            context["outcome"] = looked_at(form)
        except SourceError as error:
            form.add_error("target", str(error))
    return render(request, "pages/source_add.html", context)


def looked_at(form: AddForm) -> Outcome:
    """What it would bring. Raises SourceError."""
    given = form.cleaned_data
    return adding.dry_run(
        given["target"], people=given["may_declare_people"], **form.fields_of_row()
    )


def added(request: HttpRequest, form: AddForm) -> HttpResponse:
    """Add and read it at once, so that what follows is not empty."""
    author, given = account_of(request), form.cleaned_data
    people = given["may_declare_people"]
    fields = form.fields_of_row()
    found = adding.add_source(given["target"], author=author, people=people, **fields)
    reason = "The source was added."
    if PROVIDERS[found.provider].is_slow and found.last_run_at is None:
        # A first reading may take minutes: the worker does it, and the page tells.
        messages.success(request, f"{found.name} is added.")
        return waiting(found, reason)
    outcome = processing.refresh(found, author=author, reason=reason)
    if outcome.error:
        messages.error(request, outcome.error)
    else:
        messages.success(request, f"{found.name} is added: {outcome.summary}.")
    return redirect("source", found.pk)
