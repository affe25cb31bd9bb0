"""Invites: an administrator makes and revokes them, a guest accepts one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import invites, links, person
from portal.accounts.models import Invite, Role
from portal.web.account_forms import (
    NewPasswordForm,
    RefField,
    display_name_field,
    email_field,
    picker,
    refusals_of,
    username_field,
)
from portal.web.gate import account_of

DAYS = {1: "1 day", 7: "7 days", 30: "30 days"}


class OfferForm(forms.Form):
    """What the invited person gets. Each choice here can grant sight."""

    note = forms.CharField(
        label="For whom",
        max_length=200,
        help_text="Only for this list, for example “Jonas, speech team”.",
    )
    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        initial=Role.VIEWER,
        help_text="Viewers read, editors paste and declare, "
        "administrators manage sources and people and see everything.",
    )
    days = forms.TypedChoiceField(
        label="Works for", choices=list(DAYS.items()), coerce=int, initial=7
    )
    entity_ref = RefField(
        "User",
        label="Is in the catalog as",
        help_text="The person owns and sees what this User owns and sees. "
        "Leave empty to make a new User.",
    )
    username = forms.CharField(
        label="User name",
        max_length=63,
        required=False,
        help_text="Leave empty to let the person choose one that is new here.",
    )
    group_ref = RefField(
        "Group",
        label="Joins the group",
        help_text="For a new User only; one that exists keeps its groups.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pickers = [
            picker(self, "entity_ref", person.unlinked()),
            picker(self, "group_ref", person.groups()),
        ]


class GuestForm(NewPasswordForm):
    """Who accepts?"""

    username = username_field()
    display_name = display_name_field()
    email = email_field()
    field_order = ("username", "display_name", "email", "password", "again")

    def __init__(self, invite: Invite, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if invite.username:
            self.initial["username"] = invite.username
            self.fields["username"].disabled = True
            self.fields["username"].help_text = "Chosen by the person who invited you."
        elif invite.entity_ref:
            self.initial["username"] = invite.entity_ref.rpartition("/")[2]

    def guest(self) -> invites.Guest:
        """What was typed, for the acceptance."""
        said = {k: v for k, v in self.cleaned_data.items() if k != "again"}
        return invites.Guest(**said)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """The form for a new invite; its link is shown once, on the answer."""
    form = OfferForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_of(form):
            offer = invites.Offer(**form.cleaned_data)
            invite, token = invites.make(offer, by=account_of(request))
            path = reverse("invite", kwargs={"token": token})
            context = {"invite": invite, "link": links.absolute(path, request)}
            return render(request, "pages/invite_made.html", context)
    status = 422 if form.errors else 200
    return render(request, "pages/invite_new.html", {"form": form}, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close an open invite."""
    invite = get_object_or_404(Invite, pk=pk)
    if invites.revoke(invite, by=account_of(request)):
        messages.success(request, "The invite is revoked; its link no longer works.")
    else:
        messages.error(request, "This invite was used or closed before.")
    return redirect("people")


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invite link."""
    invite = invites.find(token)
    if invite is None:
        context: dict[str, Any] = {"sentence": invites.GONE}
        return render(request, "pages/link_gone.html", context, status=410)
    form = GuestForm(invite, request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_of(form):
            auth.login(request, invites.accept(token, form.guest()))
            messages.success(request, "Welcome to Greenroom. This is your page.")
            return redirect("me")
    context = {"form": form, "invite": invite, "role": Role(invite.role).label}
    status = 422 if form.errors else 200
    return render(request, "pages/invite.html", context, status=status)
