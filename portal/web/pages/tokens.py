"""My tokens for the API: make one, see its text once, revoke."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts import links, tokens
from portal.accounts.models import Account, ApiToken
from portal.web.account_forms import refusals_of
from portal.web.gate import account_of


class TokenForm(forms.Form):
    """What a token is for, what it may, and for how long."""

    title = forms.CharField(
        label="What for",
        max_length=100,
        help_text="So that you know it again: “CI of the homelab”.",
    )
    scope = forms.ChoiceField(
        label="It may", choices=ApiToken.SCOPES, initial=ApiToken.READ
    )
    days = forms.TypedChoiceField(
        label="It works for",
        choices=list(tokens.LASTING.items()),
        coerce=int,
        initial=90,
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not account.can_edit:
            self.fields["scope"] = forms.ChoiceField(
                label="It may",
                choices=ApiToken.SCOPES[:1],
                help_text="Writing needs the role Editor.",
            )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The list; a new one is shown on the answer that made it, and never again."""
    account = account_of(request)
    form = TokenForm(account, request.POST or None)
    made, text = None, ""
    if form.is_valid():
        with refusals_of(form):
            made, text = tokens.make(account, **form.cleaned_data)
            form = TokenForm(account)
    rows = tokens.of(account)
    context = {
        "form": form,
        "tokens": rows,
        "made": made,
        "text": text,
        "address": links.absolute("/api/v1/entities?q=kind:model", request),
    }
    status = 422 if form.errors else 200
    return render(request, "pages/tokens.html", context, status=status)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Nobody gets in with it any more."""
    account = account_of(request)
    token = get_object_or_404(tokens.of(account), pk=pk)
    number = tokens.revoke(token, account)
    others = f" So are {number - 1} that it made." if number > 1 else ""
    messages.success(request, f"The token “{token.title}” is revoked.{others}")
    return redirect("tokens")
