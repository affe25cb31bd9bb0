"""One webhook: adding it, changing it, its secret, its deliveries, a test."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.models import AuditEvent
from portal.accounts.refusal import Refusal
from portal.web.account_forms import refusals_of
from portal.web.gate import account_of
from portal.web.pages.webhooks import mark_of, state_of
from portal.web.polled import render_polled
from portal.web.webhook_forms import SIGHTS, WebhookForm
from portal.webhooks import keeping, sight
from portal.webhooks.models import Delivery, Webhook

RECENT, CHANGES = 50, 20
# Seconds between looks: while something is on its way, and else.
SOON, LATER = 2, 15


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form for a new webhook; its secret is on the answer, and never again."""
    form = WebhookForm(account_of(request), request.POST or None)
    if form.is_valid():
        with refusals_of(form):
            made = form.save(commit=False)
            secret = keeping.add(made, account_of(request))
            return _secret(request, made, secret, "is added", form.doubt)
    status = 422 if form.errors else 200
    return render(request, "pages/webhook_add.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """How a webhook is doing, and changing it."""
    posted = request.POST if request.method == "POST" else None
    form = WebhookForm(account_of(request), posted, instance=_found(pk))
    if form.is_valid():
        made = form.save(commit=False)
        keeping.change(made, account_of(request))
        messages.success(request, f"{made.title} is saved. Send it a test.")
        if form.doubt:
            messages.warning(request, form.doubt)
        return redirect("webhook", pk)
    context = {"form": form, **_state(pk)}
    every = SOON if context["is_busy"] else LATER
    page, part = "pages/webhook.html", "fragments/webhook_deliveries.html"
    response = render_polled(request, page, part, context, every)
    if form.errors:
        response.status_code = 422
    return response


def _state(pk: int) -> dict[str, Any]:
    """What the page shows beside its form. The same few queries always."""
    kept = _found(pk)
    rows = Delivery.objects.filter(webhook=kept).defer("body").order_by("-pk")
    shown = list(rows[:RECENT])
    tried = rows.exclude(tried_at=None).order_by("-tried_at").first()
    events = AuditEvent.objects.filter(
        subject=kept.title, action__in=keeping.ACTIONS
    ).select_related("actor")
    waiting = rows.filter(state=Delivery.WAITING)
    return {
        "webhook": kept,
        "sees": SIGHTS[kept.sight],
        "state": state_of(kept, tried),
        "last": tried,
        "waiting": waiting.count(),
        "wrong": sight.fault(kept),
        "is_busy": any(not one.tries or one.claim for one in shown if not one.done_at),
        "deliveries": [(one, mark_of(one)) for one in shown],
        "events": events[:CHANGES],
    }


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a delivery that says only that it works on its way."""
    try:
        keeping.test(_found(pk), account_of(request))
        messages.success(request, "A test is on its way. How it went shows below.")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("webhook", pk)


@require_POST
def again(request: HttpRequest, pk: int, delivery: int) -> HttpResponse:
    """Send what was not taken once more."""
    rows = Delivery.objects.select_related("webhook__created_by")
    one = get_object_or_404(rows, pk=delivery, webhook_id=pk)
    try:
        keeping.again(one, account_of(request))
        messages.success(request, "It is on its way again, with the same id.")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    return redirect("webhook", pk)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell it nothing for now."""
    found = _found(pk)
    keeping.pause(found, account_of(request))
    messages.success(request, f"{found.title} is paused: it is told nothing.")
    return redirect("webhook", pk)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell it what happens from now on."""
    found = _found(pk)
    keeping.resume(found, account_of(request))
    messages.success(request, f"{found.title} is told what happens from now on.")
    return redirect("webhook", pk)


@never_cache
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """A new secret, on the answer and never again."""
    found = _found(pk)
    secret = keeping.renew(found, account_of(request))
    return _secret(request, found, secret, "has a new secret")


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget it."""
    found = _found(pk)
    if request.method != "POST":
        return render(request, "pages/webhook_remove.html", {"webhook": found})
    title = found.title
    keeping.remove(found, account_of(request))
    messages.success(request, f"{title} is gone: it is told nothing any more.")
    return redirect("webhooks")


def _found(pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.select_related("created_by"), pk=pk)


def _secret(
    request: HttpRequest, webhook: Webhook, secret: str, what: str, doubt: str = ""
) -> HttpResponse:
    context = {"webhook": webhook, "secret": secret, "what": what, "doubt": doubt}
    return render(request, "pages/webhook_secret.html", context)
