"""Managing a source: read now, pause, change, allow what was held, remove."""

from __future__ import annotations

import time

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalog.entities.models import Entity
from catalog.sources import hooks, managing, processing
from catalog.sources.models import Source
from catalog.sources.provider import SourceError
from catalog.sources.tasks import ask_to_read
from portal.web.gate import account_of, viewer_of
from portal.web.source_forms import GIT, LIMITS, NET, TIMES, SourceForm

GROUPS = (
    ("What it reads", ("name", *GIT, *TIMES, "example")),
    ("What it may do", LIMITS),
    ("Its connection", NET),
)


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the worker to read the source now; with `here`, read it in this request."""
    found = get_object_or_404(Source, pk=pk)
    if "here" in request.POST:
        outcome = processing.refresh(found, author=account_of(request))
        if outcome.error:
            messages.error(request, outcome.error)
        else:
            messages.success(request, f"{found.name} was read: {outcome.summary}.")
        return redirect("source", pk)
    return waiting(found, f"{account_of(request)} asked for it.")


def waiting(found: Source, reason: str) -> HttpResponse:
    """Ask the worker, and show the page that waits for its answer."""
    asked = int(time.time() * 1000)
    ask_to_read(found, reason)
    query = urlencode({"asked": asked})
    return redirect(f"{reverse('source', args=[found.pk])}?{query}")


@require_POST
def allow(request: HttpRequest, pk: int) -> HttpResponse:
    """Let go what the held refresh would take away, once."""
    found = get_object_or_404(Source, pk=pk)
    if not found.held:
        messages.info(request, f"Nothing of {found.name} is held any more.")
        return redirect("source", pk)
    managing.let_vanish(found, account_of(request))
    return waiting(found, "")


@require_POST
def new_hook(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new secret for its webhook."""
    found = get_object_or_404(Source, pk=pk)
    hooks.renew(found)
    messages.success(
        request, "There is a new secret; the old one is refused from now on."
    )
    return redirect(f"{reverse('source', args=[pk])}#hook")


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop reading by itself, or go on."""
    found = get_object_or_404(Source, pk=pk)
    managing.pause(found, paused=not found.paused)
    if found.paused:
        text = f"{found.name} is paused: its entities stay, changes are not taken."
    else:
        text = f"{found.name} is read again."
    messages.success(request, text)
    return redirect("source", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, or change where and what it reads and what it may do."""
    found = get_object_or_404(Source, pk=pk)
    form = SourceForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        managing.change(form.save(commit=False))
        messages.success(request, f"{found.name} is saved.")
        return redirect("source", pk)
    context = {"source": Source.objects.get(pk=pk), "form": form, "groups": GROUPS}
    return render(request, "pages/source_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask what becomes of the entities, then forget the source."""
    found = get_object_or_404(Source, pk=pk)
    if request.method != "POST":
        number = Entity.objects.filter(source=found).count()
        context = {"source": found, "entities": number}
        return render(request, "pages/source_remove.html", context)
    keep = request.POST.get("entities") != "remove"
    try:
        touched = managing.remove_source(found, account_of(request), keep_entities=keep)
    except SourceError as error:
        messages.error(request, str(error))
        return redirect("source", pk)
    kept = "Its entities stay as orphans" if keep else "Its entities went with it"
    messages.success(request, f"{found.name} is gone. {kept}: {touched}.")
    return redirect("sources")


@require_POST
def remove_orphan(request: HttpRequest, pk: int, ref: str) -> HttpResponse:
    """Take away what no source declares any more."""
    visible = Entity.objects.visible_to(viewer_of(request))
    entity = get_object_or_404(visible, source_id=pk, ref=ref)
    try:
        managing.remove_orphan(entity, account_of(request))
    except SourceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{entity.label} was removed; its history stays.")
    return redirect("source", pk)
