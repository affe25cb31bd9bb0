"""One receiver of notifications: adding it, changing it, a test, removing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog.probes import clock, outbox, wording
from catalog.probes.models import Receiver
from catalog.probes.notices import Notice
from catalog.probes.receivers import PlainSecret, read
from catalog.probes.schemes import KINDS
from catalog.probes.sending import check_secrets, send
from catalog.secrets.places import Unfit
from catalog.secrets.reading import SecretError
from portal.accounts import audit
from portal.accounts.models import AuditEvent
from portal.web.gate import account_of
from portal.web.pages.notifications import kind_of, state_of

RECENT = 20
ADDED, CHANGED = "added the receiver", "changed the receiver"
REMOVED, TESTED = "removed the receiver", "tested the receiver"

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Receiver]
else:
    ModelForm = forms.ModelForm


class ReceiverForm(ModelForm):
    """What an administrator says about a receiver."""

    # What is not set in this process, in words; set while the form is checked.
    missing: tuple[str, ...] = ()

    class Meta:
        model = Receiver
        fields = ("name", "address", "enabled")
        labels = {"enabled": "Tell it of outages"}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "address": forms.TextInput(
                attrs={"autocomplete": "off", "spellcheck": "false"}
            ),
        }
        help_texts = {
            "name": "What people call it, such as “Phone of the one on duty”.",
            "address": "An address of Apprise, such as ntfy://ntfy.lan/greenroom. A "
            "password or token never stands in it: register it under Settings, "
            "Secrets, and write its name, such as ${NTFY_TOKEN}.",
            "enabled": "Switched off it stays here, and hears nothing.",
        }
        error_messages = {
            "name": {"unique": "There is a receiver of this name. Choose another."}
        }

    def clean_address(self) -> str:
        """The address, which can be used and holds no secret."""
        text: str = self.cleaned_data["address"].strip()
        try:
            self.missing = tuple(check_secrets(read(text)))
        except PlainSecret as error:
            # What was typed does not come back into the page.
            self.data = dict(self.data.items()) | {self.add_prefix("address"): ""}
            raise ValidationError(str(error)) from None
        except (Unfit, SecretError) as error:
            raise ValidationError(str(error)) from None
        return text


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form for a new receiver."""
    form = ReceiverForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        form.instance.created_by = str(account_of(request))[:200]
        return _saved(request, form, ADDED)
    context = {"form": form, "kinds": KINDS.values()}
    status = 422 if form.errors else 200
    return render(request, "pages/notification_add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def receiver(request: HttpRequest, pk: int) -> HttpResponse:
    """How a receiver is doing, and changing it."""
    found = get_object_or_404(Receiver, pk=pk)
    form = ReceiverForm(
        request.POST if request.method == "POST" else None, instance=found
    )
    if form.is_valid():
        return _saved(request, form, CHANGED)
    kept = get_object_or_404(Receiver, pk=pk)
    actions = (ADDED, CHANGED, REMOVED, TESTED)
    events = AuditEvent.objects.filter(subject=kept.name, action__in=actions)
    notices = Notice.objects.filter(receiver=kept).order_by("-pk")[:RECENT]
    context = {
        "form": form,
        "receiver": kept,
        "kind": kind_of(kept),
        "state": state_of(kept),
        "events": events[:RECENT],
        "notices": [(one, clock.moment(one.created_at)) for one in notices],
    }
    status = 422 if form.errors else 200
    return render(request, "pages/notification.html", context, status=status)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a message now, from this process, and say what came of it."""
    found = get_object_or_404(Receiver, pk=pk)
    message = wording.test_message(found.name)
    outcome = send(found.address, message)
    outbox.note(found, outcome)
    audit.record(account_of(request), TESTED, found.name, outcome.text)
    if outcome.sent:
        messages.success(request, f"“{message.title}” was sent. {outcome.text}")
    else:
        messages.error(request, f"“{message.title}” was not sent. {outcome.text}")
    return redirect("notification", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then tell it nothing any more."""
    found = get_object_or_404(Receiver, pk=pk)
    if request.method != "POST":
        return render(request, "pages/notification_remove.html", {"receiver": found})
    found.delete()
    audit.record(account_of(request), REMOVED, found.name)
    messages.success(request, f"{found.name} is gone: it is told nothing any more.")
    return redirect("notifications")


def _saved(request: HttpRequest, form: ReceiverForm, action: str) -> HttpResponse:
    made: Any = form.save()
    address = read(made.address)
    detail = f"{address.scheme.title} at {address.where}" + (
        "" if made.enabled else "; off"
    )
    audit.record(account_of(request), action, made.name, detail)
    messages.success(request, f"{made.name} is saved. Send it a test.")
    for sentence in form.missing:
        messages.warning(request, sentence)
    return redirect("notification", made.pk)
