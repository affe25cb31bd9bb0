"""The first administrator: a page for whoever has the link, a hint for the others."""

from __future__ import annotations

from django import forms
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from portal.accounts import setup as first
from portal.web.account_forms import (
    NewPasswordForm,
    display_name_field,
    email_field,
    refusals_of,
    username_field,
)


class SetupForm(NewPasswordForm):
    """Who runs this house, and with which team?"""

    username = username_field()
    display_name = display_name_field()
    email = email_field()
    team = forms.CharField(
        label="Team",
        max_length=63,
        initial="Platform",
        help_text="Becomes a group with you in it; it can own what you add. "
        "At home, “Home” is a good name.",
    )
    field_order = ("username", "display_name", "email", "team", "password", "again")

    def founder(self) -> first.Founder:
        """What was typed, for the set-up."""
        said = {k: v for k, v in self.cleaned_data.items() if k != "again"}
        return first.Founder(**said)


@never_cache
@require_safe
def needed(request: HttpRequest) -> HttpResponse:
    """Where every page leads while there is no account. Never shows the link."""
    if not first.is_needed():
        return redirect("home")
    return render(request, "pages/setup_needed.html", {"wrong_link": False})


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the one-time link."""
    if not first.is_needed():
        return render(request, "pages/setup_done.html", {}, status=410)
    if not first.is_token(token):
        context = {"wrong_link": True}
        return render(request, "pages/setup_needed.html", context, status=404)
    form = SetupForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_of(form):
            auth.login(request, first.found(form.founder()))
            return redirect("welcome")
    status = 422 if form.errors else 200
    return render(request, "pages/setup.html", {"form": form}, status=status)
