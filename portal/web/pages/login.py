"""Sign in and sign out."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from portal.accounts import setup, signin
from portal.web.account_forms import refusals_of


class LoginForm(forms.Form):
    """Who is it?"""

    name = forms.CharField(
        label="User name or e-mail",
        max_length=254,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """The form, and back to where the person wanted to go."""
    if setup.is_needed():
        return redirect("setup-needed")
    if request.user.is_authenticated:
        return redirect(target(request))
    form = LoginForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_of(form):
            said = form.cleaned_data
            signin.sign_in(request, said["name"], said["password"])
            return redirect(target(request))
    context = {
        "form": form,
        "next": asked_for(request),
        "open_house": settings.GREENROOM_PUBLIC,
    }
    status = 422 if form.errors else 200
    return render(request, "pages/login.html", context, status=status)


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session."""
    auth.logout(request)
    return redirect("home" if settings.GREENROOM_PUBLIC else "login")


@require_safe
def admin_login(request: HttpRequest) -> HttpResponse:
    """Django's admin has no form of its own to sign in by."""
    return redirect("admin:index")


def asked_for(request: HttpRequest) -> str:
    """The page that was asked for before the login, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    )
    # A bare word would be taken for the name of a route.
    return wanted if ours and "/" in wanted else ""


def target(request: HttpRequest) -> str:
    """Where to go after the login."""
    return asked_for(request) or reverse("home")
