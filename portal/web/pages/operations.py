"""Operations of an entity: its probes, what they found, and what people may do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.probes import clock, deciding, looks, pings, uptime
from catalog.probes.models import Look, Probe, Transition
from catalog.probes.standing import in_maintenance
from portal.accounts.models import Role
from portal.web import entity_head, operations
from portal.web.gate import account_of, allows
from portal.web.health import objective_view
from portal.web.probe_words import mark_of, word_of
from portal.web.subject import Subject, of_entity, page_address

RECENT = 30
HOURS = {"1": "1 hour", "4": "4 hours", "24": "a day", "168": "a week"}


class MaintenanceForm(forms.Form):
    """How long, and why."""

    hours = forms.ChoiceField(choices=list(HOURS.items()), label="For")
    reason = forms.CharField(
        max_length=500, help_text="Shown beside the state, on the status page too."
    )


@require_safe
@of_entity
def page(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Every probe with its levels; for htmx only what moves."""
    return _page(request, subject)


def _page(
    request: HttpRequest,
    subject: Subject,
    form: MaintenanceForm | None = None,
) -> HttpResponse:
    more = _context(request, subject)
    if request.headers.get("HX-Target") == "operations":
        context = {"entity": subject.entity, "subject": subject, **more}
        return render(request, "fragments/operations.html", context)
    context = entity_head.context(
        subject, "entity-operations", form=form or MaintenanceForm(), **more
    )
    return render(request, "pages/entity_operations.html", context)


def _context(request: HttpRequest, subject: Subject) -> dict[str, Any]:
    asked = request.GET.get("range", "24h")
    span = asked if asked in uptime.RANGES else "24h"
    identity = subject.entity.pk
    probes = Probe.objects.filter(identity_id=identity).order_by("pk")
    now = clock.now()
    can_edit = allows(request, Role.EDITOR)
    return {
        "probes": operations.views(probes.prefetch_related("checks"), span),
        "pings": _ping_addresses(request, probes) if can_edit else {},
        "objective": objective_view(subject),
        "span": span,
        "ranges": list(uptime.RANGES),
        "start": now - uptime.RANGES[span],
        "end": now,
        "events": _events(identity),
        "window": in_maintenance([identity]).get(identity),
        "can_edit": can_edit,
    }


def _ping_addresses(request: HttpRequest, probes: QuerySet[Probe]) -> dict[int, str]:
    """What the jobs of heartbeats have to call. Who has it can say that they ran."""
    return {
        probe.pk: request.build_absolute_uri(
            reverse("ping", args=[probe.uid, pings.token_of(probe)])
        )
        for probe in probes.filter(prober=pings.HEARTBEAT)
    }


def _events(identity: int) -> list[dict[str, Any]]:
    """The newest changes of state of the entity."""
    rows = Transition.objects.filter(identity_id=identity, probe=None)
    return [
        {
            "at": clock.moment(row.at),
            "look": mark_of(row.after),
            "title": word_of(row.after, row.error),
            "detail": row.detail,
            "flapping": row.flapping,
        }
        for row in rows.order_by("-at", "-pk")[:RECENT]
    ]


@require_POST
@of_entity
def probe_now(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Ask for a look, and show it while it is made."""
    probe = _probe(request, subject)
    look = looks.ask_for(probe, account_of(request).label)
    return redirect(f"{_address(subject)}looks/{look.pk}/")


@require_safe
@of_entity
def watch(request: HttpRequest, subject: Subject, pk: int) -> HttpResponseBase:
    """One look: what was sent and received so far."""
    found = Look.objects.select_related("probe").filter(
        pk=pk, probe__identity_id=subject.entity.pk
    )
    look = get_object_or_404(found)
    waited = timezone.now() - look.asked_at
    context = {
        "look": look,
        "is_late": look.began_at is None and waited > timedelta(seconds=8),
        "waits": look.ended_at is None and waited < timedelta(minutes=10),
        "operations": _address(subject),
    }
    if request.headers.get("HX-Target") == "look":
        return render(
            request, "fragments/look.html", {"entity": subject.entity, **context}
        )
    context = entity_head.context(subject, "entity-operations", **context)
    return render(request, "pages/entity_look.html", context)


@require_POST
@of_entity
def pause(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Pause one probe, or let it go on."""
    probe = _probe(request, subject)
    if "resume" in request.POST:
        deciding.resume(probe)
        messages.success(request, f"{probe} is asked again.")
    else:
        reason = request.POST.get("reason", "").strip()
        deciding.pause(probe, account_of(request).label, reason)
        messages.success(request, f"{probe} is paused: it is not asked any more.")
    return redirect(_address(subject))


@require_POST
@of_entity
def accept(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """The model was replaced on purpose: compare with its new vector from now on."""
    probe = _probe(request, subject)
    if deciding.accept_vector(probe, account_of(request).label):
        messages.success(request, "The next vector is what later ones are compared to.")
    else:
        messages.info(request, f"{probe} answers with the vector that is known.")
    return redirect(_address(subject))


@require_POST
@of_entity
def maintenance(request: HttpRequest, subject: Subject) -> HttpResponseBase:
    """Begin maintenance, or end it."""
    identity = subject.entity.pk
    if "end" in request.POST:
        deciding.end_maintenance(identity)
        messages.success(request, "Maintenance is over.")
        return redirect(_address(subject))
    form = MaintenanceForm(request.POST)
    if not form.is_valid():
        return _page(request, subject, form)
    until = timezone.now() + timedelta(hours=int(form.cleaned_data["hours"]))
    who = account_of(request).label
    deciding.begin_maintenance(identity, until, who, form.cleaned_data["reason"])
    messages.success(request, "Maintenance has begun. Nobody is told while it lasts.")
    return redirect(_address(subject))


def _probe(request: HttpRequest, subject: Subject) -> Probe:
    given = request.POST.get("probe", "")
    key = int(given) if given.isascii() and given.isdigit() else 0
    return get_object_or_404(Probe, pk=key, identity_id=subject.entity.pk)


def _address(subject: Subject) -> str:
    return page_address("entity-operations", subject.entity)
