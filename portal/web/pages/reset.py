"""A forgotten password: ask for a link by mail, and choose a new password by a link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.accounts import attempts, passwords, tasks
from portal.accounts.models import Account
from portal.web.account_forms import NewPasswordForm, refusals_of

GONE = (
    "This link was used or has expired. "
    "Ask for a new one, by mail or from an administrator."
)
ASKS = 5


class AskForm(forms.Form):
    """Whose password is forgotten?"""

    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        help_text="The address of your account.",
    )


class OwnPasswordForm(NewPasswordForm):
    """A new password for an account that exists."""

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def owner(self) -> Account:
        """Whose password it becomes."""
        return self.account


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Send a link, and answer the same whether the address is known or not."""
    if not passwords.can_mail():
        return render(request, "pages/reset.html", {"form": None, "sent": False})
    form = AskForm(request.POST if request.method == "POST" else None)
    sent = False
    if form.is_valid():
        with refusals_of(form):
            address = request.META.get("REMOTE_ADDR", "")
            attempts.begin("reset", address, limit=ASKS)
            tasks.mail_reset.delay(form.cleaned_data["email"])
            sent = True
    context = {"form": form, "sent": sent, "days": passwords.days_valid()}
    status = 422 if form.errors else 200
    return render(request, "pages/reset.html", context, status=status)


@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The page behind a reset link."""
    account = passwords.account_behind(uid, token)
    if account is None:
        return render(request, "pages/link_gone.html", {"sentence": GONE}, status=410)
    data = request.POST if request.method == "POST" else None
    form = OwnPasswordForm(account, data)
    if form.is_valid():
        passwords.change(account, form.cleaned_data["password"], how="by a link")
        auth.login(request, account)
        messages.success(request, "Your new password is set, and you are signed in.")
        return redirect("home")
    context = {"form": form, "account": account}
    status = 422 if form.errors else 200
    return render(request, "pages/reset_confirm.html", context, status=status)
