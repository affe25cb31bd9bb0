"""Keeping the columns of the index for an account, and going back to the usual ones."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from catalog.query import shown
from portal.accounts import saved_views
from portal.web.gate import account_of


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Show these columns from now on, wherever the address names none."""
    chosen = shown.chosen(request.POST.getlist(shown.PARAM)) or ()
    return _kept(request, shown.written(chosen), "These columns are yours from now on.")


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """The usual columns again."""
    return _kept(request, "", "The table shows its usual columns again.")


def _kept(request: HttpRequest, columns: str, told: str) -> HttpResponse:
    account = account_of(request)
    account.columns = columns
    account.save(update_fields=["columns"])
    messages.success(request, told)
    pairs = saved_views.asked(request.POST) + saved_views.arranged(request.POST)
    pairs = [pair for pair in pairs if pair[0] != shown.PARAM]
    address = reverse("catalog")
    return redirect(f"{address}?{urlencode(pairs)}" if pairs else address)
