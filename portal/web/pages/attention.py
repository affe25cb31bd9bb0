"""Needs attention: every finding, and putting one aside for a while."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from catalog.entities import findings
from catalog.entities.models import Finding
from catalog.query import attention as needs_attention
from catalog.sources.models import Source
from portal.accounts.models import Role
from portal.web.gate import account_of, allows, viewer_of

LIMIT = 200
LONGEST = timedelta(days=366)


class IgnoreForm(forms.Form):
    """Until when a finding is put aside, and why."""

    until = forms.DateField(
        label="Until",
        help_text="On this day it comes back by itself.",
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    reason = forms.CharField(
        max_length=500, help_text="Shown to everybody who looks at what is ignored."
    )

    def clean_until(self) -> datetime:
        """The beginning of that day, in the reader's time zone."""
        day = self.cleaned_data["until"]
        moment = timezone.make_aware(datetime.combine(day, time()))
        now = timezone.now()
        if moment <= now:
            raise forms.ValidationError("Choose a day after today.")
        if moment > now + LONGEST:
            raise forms.ValidationError("Choose a day within a year.")
        return moment


@require_safe
def attention(request: HttpRequest) -> HttpResponse:
    """Errors, orphans, the unowned, what dangles, warnings; and what is ignored."""
    viewer = viewer_of(request)
    found = findings.open_for(viewer)
    examples = Source.objects.filter(example=True)
    context = {
        "attention": needs_attention.attention(viewer),
        "errors": found.filter(severity=Finding.ERROR)[:LIMIT],
        "warnings": found.exclude(severity=Finding.ERROR)[:LIMIT],
        "ignored": findings.ignored_for(viewer)[:LIMIT],
        "orphans": findings.orphans(viewer)[:LIMIT],
        "unowned": needs_attention.unowned(viewer, LIMIT),
        "dangling": findings.dangling(viewer)[:LIMIT],
        "examples": set(examples.values_list("pk", flat=True)),
        "can_edit": allows(request, Role.EDITOR),
    }
    return render(request, "pages/attention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def ignore(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask until when and why; then put the finding aside."""
    finding = get_object_or_404(findings.open_for(viewer_of(request)), pk=pk)
    soon = timezone.localdate() + timedelta(days=30)
    form = IgnoreForm(request.POST or None, initial={"until": soon.isoformat()})
    if request.method == "POST" and form.is_valid():
        until, reason = form.cleaned_data["until"], form.cleaned_data["reason"]
        findings.ignore(finding, until, account_of(request).label, reason)
        messages.success(request, f"Ignored until {until:%Y-%m-%d}.")
        return redirect("attention")
    context = {"finding": finding, "form": form}
    return render(request, "pages/attention_ignore.html", context)


@require_POST
def heed(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: show the finding again."""
    finding = get_object_or_404(findings.ignored_for(viewer_of(request)), pk=pk)
    findings.heed(finding)
    messages.success(request, "The finding is shown again.")
    return redirect("attention")
