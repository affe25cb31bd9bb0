"""Saved views: the list, and saving, opening, renaming, sharing, removing one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from portal.accounts import audit, saved_views
from portal.accounts.models import Role, SavedView
from portal.web.gate import account_of, allows
from portal.web.saved_links import href_of
from portal.web.view_forms import NEEDS_EDITOR, SavedViewForm, TitleForm


@dataclass(frozen=True)
class Row:
    """One view of the list, with what it asks. `form` renames it."""

    view: SavedView
    href: str
    parts: list[tuple[str, str]]
    form: TitleForm | None = None


@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """Mine, and what others share."""
    return _listed(request)


def _listed(request: HttpRequest, refused: TitleForm | None = None) -> HttpResponse:
    """The list; with one form that could not be taken, and what was typed in it."""
    account = account_of(request)
    own, others = saved_views.split(saved_views.seen_by(account), account)
    context = {
        "own": [_row(view, refused) for view in own],
        "others": [_row(view) for view in others],
        "refused": refused.instance.pk if refused else 0,
        "can_share": allows(request, Role.EDITOR),
        "is_admin": allows(request, Role.ADMIN),
    }
    status = 422 if refused else 200
    return render(request, "pages/views.html", context, status=status)


def _row(view: SavedView, refused: TitleForm | None = None) -> Row:
    is_refused = refused is not None and refused.instance.pk == view.pk
    form = refused if is_refused else None
    return Row(view, href_of(view), saved_views.parts(view.query), form)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Save a query under a title; what was typed stays where it cannot be saved."""
    account = account_of(request)
    if request.method == "POST":
        form = SavedViewForm(account, request.POST)
        if made := form.kept():
            others = "for everybody with a login" if made.is_shared else "for you alone"
            messages.success(request, f"“{made.title}” is saved, {others}.")
            return redirect(href_of(made))
    else:
        form = SavedViewForm(account, initial={"query": request.GET.urlencode()})
    query = str(form["query"].value() or "")
    context = {
        "form": form,
        "query": query,
        "parts": saved_views.parts(query),
        "can_share": allows(request, Role.EDITOR),
    }
    status = 422 if form.errors else 200
    return render(request, "pages/view_save.html", context, status=status)


@require_safe
def open_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to what it shows now: an address that stays when the query is long."""
    seen = saved_views.seen_by(account_of(request))
    return redirect(href_of(get_object_or_404(seen, pk=pk)))


@require_POST
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it another title."""
    form = TitleForm(request.POST, instance=_own(request, pk))
    made = form.kept()
    if made is None:
        return _listed(request, form)
    messages.success(request, f"It is called “{made.title}” now.")
    return redirect("views")


@require_POST
def share(request: HttpRequest, pk: int) -> HttpResponse:
    """Share it, or take it back; taking back needs no role, if it is one's own."""
    view = _managed(request, pk)
    account = account_of(request)
    view.is_shared = view.owner == account and request.POST.get("share") == "on"
    if view.is_shared and not account.can_edit:
        raise PermissionDenied(NEEDS_EDITOR.format(role=account.get_role_display()))
    owner = view.owner
    with transaction.atomic():
        view.save(update_fields=["is_shared"])
        if owner != account:
            told = "stopped sharing a view of"
            audit.record(account, told, owner.username, view.title)
    if owner != account:
        messages.success(request, f"“{view.title}” is for {owner.label} alone now.")
        return redirect("views")
    told = "shared with everybody who has a login" if view.is_shared else "yours alone"
    messages.success(request, f"“{view.title}” is {told} now.")
    return redirect("views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget it. What it showed stays in the catalog."""
    view, account = _managed(request, pk), account_of(request)
    with transaction.atomic():
        if view.owner_id != account.pk:
            audit.record(account, "removed a view of", view.owner.username, view.title)
        view.delete()
    messages.success(request, f"The view “{view.title}” is removed.")
    return redirect("views")


def _own(request: HttpRequest, pk: int) -> SavedView:
    """A view of whoever asks: that of somebody else is as if it were not there."""
    return get_object_or_404(account_of(request).saved_views, pk=pk)


def _managed(request: HttpRequest, pk: int) -> SavedView:
    """A view of whoever asks; for administrators also one that another shares."""
    seen = saved_views.seen_by(account_of(request))
    if not allows(request, Role.ADMIN):
        return _own(request, pk)
    return get_object_or_404(seen, pk=pk)
