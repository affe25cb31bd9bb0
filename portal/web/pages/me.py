"""My page: who I am in the catalog, what I can see, how pages look, my password."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from portal.accounts import attempts, passwords, person, profile
from portal.accounts.models import Account, Role, Theme
from portal.accounts.refusal import Refusal
from portal.web.account_forms import (
    NewPasswordForm,
    display_name_field,
    email_field,
    refusals_of,
)
from portal.web.gate import account_of


def zones() -> list[tuple[str, str]]:
    """Time zones to choose from; the house has one for who chooses none."""
    own = [(name, name.replace("_", " ")) for name in sorted(available_timezones())]
    return [("", f"As this house: {settings.GREENROOM_TIME_ZONE}"), *own]


class ProfileForm(forms.Form):
    """How I am called, reached and shown the pages."""

    display_name = display_name_field(required=False)
    email = email_field("You can sign in with it; a forgotten password is reset by it.")
    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        choices=zones,
        help_text="All times are shown in it.",
    )
    theme = forms.ChoiceField(
        label="Colours",
        choices=Theme.choices,
        help_text="The button beside your name changes this device only.",
    )


class PasswordForm(NewPasswordForm):
    """A new password, from somebody who knows the old one."""

    current = forms.CharField(
        label="Current password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("current", "password", "again")

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["password"].label = "New password"
        self.fields["again"].label = "New password again"

    def owner(self) -> Account:
        """Whose password it becomes."""
        return self.account

    def clean_current(self) -> str:
        """A session left open must not be enough to guess the password."""
        try:
            attempt = attempts.begin("password", self.account.username)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.sentence) from None
        if not self.account.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError("This is not your current password.")
        attempts.forget(attempt)
        return str(self.cleaned_data["current"])


@sensitive_post_parameters("current", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Show it, and take a changed profile or password."""
    account = account_of(request)
    action = request.POST.get("action") if request.method == "POST" else None
    about = profile_form(account, request.POST if action == "profile" else None)
    secret = PasswordForm(account, request.POST if action == "password" else None)
    done = save_profile(account, about) or save_password(request, account, secret)
    if done:
        messages.success(request, done)
        return redirect("me")
    context = {"profile_form": about, "password_form": secret, **standing(request)}
    status = 422 if about.errors or secret.errors else 200
    return render(request, "pages/me.html", context, status=status)


def profile_form(account: Account, data: Any) -> ProfileForm:
    """The form with what is stored."""
    names = ("display_name", "email", "time_zone", "theme")
    return ProfileForm(data, initial={name: getattr(account, name) for name in names})


def save_profile(account: Account, form: ProfileForm) -> str:
    """Store a changed profile; the sentence that tells it, or nothing."""
    if form.is_valid():
        with refusals_of(form):
            profile.change(account, profile.Profile(**form.cleaned_data))
            return "Your profile is saved."
    return ""


def save_password(request: HttpRequest, account: Account, form: PasswordForm) -> str:
    """Store a new password and keep this session; other devices sign in again."""
    if not form.is_valid():
        return ""
    passwords.change(account, form.cleaned_data["password"], how="by the person")
    auth.update_session_auth_hash(request, account)
    return "Your password is changed. Other devices have to sign in again."


def standing(request: HttpRequest) -> dict[str, Any]:
    """Who this person is in the catalog, and what follows from it."""
    account = account_of(request)
    viewer = cast(Viewer, getattr(request, "viewer"))  # noqa: B009
    groups = Entity.objects.filter(ref__in=viewer.principals - {viewer.ref})
    seen = Entity.objects.visible_to(viewer)
    return {
        "account": account,
        "role": Role(account.role).label,
        "entity": person.entity_of(account) if account.entity_ref else None,
        "groups": groups.visible_to(viewer).light().order_by("title", "name"),
        "seen": seen.count(),
        "restricted": seen.filter(audience=Entity.RESTRICTED).count(),
    }
