"""One source: its state, its findings file by file, its orphans; and managing it."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from catalog.entities import findings
from catalog.entities.models import Entity
from catalog.sources import made_here, managing, processing
from catalog.sources.models import Source
from catalog.sources.provider import PROVIDERS, SourceError
from catalog.sources.tasks import refresh_source
from portal.accounts.models import Role
from portal.web.gate import account_of, allows, needs, viewer_of
from portal.web.partial import render_part

# After so many seconds without an answer, nobody seems to be working.
PATIENCE = 15
FINDINGS = 300
MADE = 30


if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Source]
else:
    ModelForm = forms.ModelForm


class SourceForm(ModelForm):
    """What an administrator may change about a source."""

    class Meta:
        model = Source
        fields = ("name", "interval", "example", "may_declare_people")
        labels = {
            "interval": "Look again every … seconds",
            "example": "An example",
            "may_declare_people": "May declare people",
        }
        error_messages = {"name": {"unique": "Another source has this name."}}

    def clean_interval(self) -> int:
        """Not so often that the house does nothing else."""
        seconds: int = self.cleaned_data["interval"]
        if seconds < 5:
            raise forms.ValidationError(f"{seconds} is too often; 5 is the least.")
        return seconds


@needs(Role.EDITOR)
@require_http_methods(["GET", "HEAD"])
def source(request: HttpRequest, pk: int) -> HttpResponse:
    """The source; while it is being read, htmx asks for its state again and again."""
    found = get_object_or_404(Source, pk=pk)
    viewer = viewer_of(request)
    problems = findings.open_for(viewer).filter(source=found)
    listed = list(problems.order_by("path", "line", "pk")[:FINDINGS])
    context = {
        "source": found,
        "provider": PROVIDERS[found.provider].title,
        "reads": PROVIDERS[found.provider].reads,
        "entities": Entity.objects.visible_to(viewer).filter(source=found).count(),
        "files": [(p, list(g)) for p, g in groupby(listed, key=lambda row: row.path)],
        "number": problems.count(),
        "orphans": findings.orphans(viewer).filter(source=found),
        "form": SourceForm(instance=found),
        "is_admin": allows(request, Role.ADMIN),
        "sees_all": viewer.sees_all,
        "unseen": 0 if viewer.sees_all else findings.unseen_errors(found.pk),
        **made_in(request, found),
        **progress_of(request, found),
    }
    return render_part(
        request, "pages/source.html", "fragments/source_state.html", context
    )


def made_in(request: HttpRequest, found: Source) -> dict[str, Any]:
    """What was made in the portal, changed last first, and what was removed there."""
    if found.provider != "here":
        return {}
    viewer = viewer_of(request)
    rows = Entity.objects.visible_to(viewer).light().filter(source=found)
    return {
        "made": rows.order_by("-changed_at", "ref")[:MADE],
        "removed": made_here.removed(account_of(request), viewer),
    }


def progress_of(request: HttpRequest, found: Source) -> dict[str, Any]:
    """Was a reading asked for that has not come back yet, and for how long?"""
    asked = request.GET.get("asked", "")
    # Milliseconds, so that a reading just before is not taken for the answer.
    since = int(asked[:15]) / 1000 if asked.isascii() and asked.isdigit() else 0
    waited = time.time() - since
    answered = found.last_run_at is not None and found.last_run_at.timestamp() >= since
    waits = bool(since) and not answered and -60 < waited < 600
    return {
        "asked": asked,
        "waits": waits,
        "is_late": waits and waited > PATIENCE and found.busy_until is None,
        "answered": bool(since) and answered,
    }


@needs(Role.ADMIN)
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
    asked = int(time.time() * 1000)
    refresh_source.apply_async((found.pk,), expires=60)
    query = urlencode({"asked": asked})
    return redirect(f"{reverse('source', args=[pk])}?{query}")


@needs(Role.ADMIN)
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


@needs(Role.ADMIN)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, or change its limits."""
    found = get_object_or_404(Source, pk=pk)
    form = SourceForm(request.POST, instance=found)
    if form.is_valid():
        managing.change(form.save(commit=False))
        messages.success(request, f"{found.name} is saved.")
    else:
        for sentences in form.errors.values():
            messages.error(request, f"Not saved. {' '.join(map(str, sentences))}")
    return redirect("source", pk)


@needs(Role.ADMIN)
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


@needs(Role.ADMIN)
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
