"""One account, for administrators: role, User entity, reset link, open or closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.accounts import links, passwords, roles
from portal.accounts import person as persons
from portal.accounts.models import Account, AuditEvent, Role
from portal.accounts.refusal import Refusal
from portal.web.account_forms import RefField, picker
from portal.web.gate import account_of

RECENT = 20


class RoleForm(forms.Form):
    """What the account may do."""

    role = forms.ChoiceField(
        label="Role",
        choices=Role.choices,
        help_text="Viewers read, editors paste and declare, "
        "administrators manage sources and people and see everything.",
    )


class LinkForm(forms.Form):
    """Who the account is in the catalog."""

    entity_ref = RefField(
        "User",
        label="User entity",
        help_text="The person owns and sees what this User owns and sees.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["entity_ref"].required = True
        self.pickers = [picker(self, "entity_ref", persons.unlinked())]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What the account is, and each change of it as a small form of its own."""
    account = get_object_or_404(Account, pk=pk)
    if request.method == "POST":
        return act(request, account)
    return show(request, account)


def act(request: HttpRequest, account: Account) -> HttpResponse:
    """Do what the pressed button says, and say what came of it."""
    you = account_of(request)
    action = request.POST.get("action")
    if action == "reset":
        path = passwords.reset_path_by(account, by=you)
        return show(request, account, reset_link=links.absolute(path, request))
    try:
        sentence = change(request, account, you, action or "")
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, sentence)
    return redirect("person", pk=account.pk)


def change(request: HttpRequest, account: Account, you: Account, action: str) -> str:
    """One change; the sentence that tells it. Raises Refusal."""
    if action == "role":
        role = checked(RoleForm(request.POST))["role"]
        roles.change(account, role, by=you)
        return f"{account.label} is {Role(role).label} now."
    if action == "link":
        ref = checked(LinkForm(request.POST))["entity_ref"]
        persons.link(account, ref, by=you)
        return f"{account.label} is {account.entity_ref} in the catalog now."
    if action == "declare":
        persons.declare_for(account, by=you)
        return f"{account.entity_ref} is in the catalog now."
    if action == "deactivate":
        roles.deactivate(account, by=you)
        return f"{account.label} can no longer sign in."
    if action == "reactivate":
        roles.reactivate(account, by=you)
        return f"{account.label} can sign in again."
    raise Refusal("Nothing was changed: the form said nothing that can be done.")


def checked(form: forms.Form) -> dict[str, Any]:
    """What a small form says, or the first of its complaints as a Refusal."""
    if form.is_valid():
        return form.cleaned_data
    raise Refusal(str(next(text for texts in form.errors.values() for text in texts)))


def show(request: HttpRequest, account: Account, reset_link: str = "") -> HttpResponse:
    """The page; a reset link is on it only right after it was made."""
    events = AuditEvent.objects.filter(subject=account.username)
    context = {
        "account": account,
        "role": Role(account.role).label,
        "entity": persons.entity_of(account) if account.entity_ref else None,
        "is_you": account == request.user,
        "role_form": RoleForm(initial={"role": account.role}),
        "link_form": LinkForm(),
        "reset_link": reset_link,
        "reset_days": passwords.days_valid(),
        "events": events[:RECENT],
    }
    return render(request, "pages/person.html", context)
