"""Secrets by reference: names, and where they may be sent; never a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from catalog.secrets import registering, revealing
from catalog.secrets.models import USES, Secret
from catalog.sources.models import Source
from portal.accounts import audit
from portal.accounts.models import Role
from portal.web.gate import account_of, needs

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Secret]
else:
    ModelForm = forms.ModelForm


@dataclass(frozen=True)
class Row:
    """One line of the list: `trouble` is why this process cannot use it."""

    secret: Secret
    uses: str
    trouble: str
    sources: list[Source]


class SecretForm(ModelForm):
    """A name, where its value lies, and where it may be sent."""

    uses = forms.MultipleChoiceField(
        label="May be used for",
        choices=list(USES.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Secret
        fields = ("name", "origin", "place", "username", "hosts", "uses", "note")
        labels = {
            "origin": "Its value stands in",
            "place": "Variable or file",
            "username": "User name",
        }
        error_messages = {"name": {"unique": "There is a secret of this name."}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["uses"] = self.instance.uses.split()
            # Sources name it.
            self.fields["name"].disabled = True

    def clean_uses(self) -> str:
        """As words."""
        return " ".join(self.cleaned_data["uses"])

    def clean_hosts(self) -> str:
        """As words, in lower case."""
        return " ".join(
            str(self.cleaned_data["hosts"]).replace(",", " ").split()
        ).lower()

    def clean(self) -> dict[str, Any]:
        """What no single field can tell."""
        cleaned = super().clean() or {}
        names = ("name", "origin", "place", "hosts", "uses")
        wrong = registering.check(Secret(**{n: cleaned.get(n) or "" for n in names}))
        for name, sentence in wrong.items():
            if name not in self.errors:
                self.add_error(name, sentence)
        return cleaned


@needs(Role.ADMIN)
@require_safe
def secrets(request: HttpRequest) -> HttpResponse:
    """Every registered name with its state in this process."""
    users: dict[str, list[Source]] = {}
    for source in Source.objects.exclude(secret="").order_by("name"):
        users.setdefault(source.secret, []).append(source)
    rows = [
        Row(
            secret=secret,
            uses=", ".join(USES.get(use, use) for use in secret.uses.split()),
            trouble=revealing.state_of(secret),
            sources=users.pop(secret.name, []),
        )
        for secret in Secret.objects.order_by("name")
    ]
    context = {
        "rows": rows,
        "unknown": sorted(users),
        "folder": settings.SECRETS_FOLDER,
    }
    return render(request, "pages/secrets.html", context)


@needs(Role.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Register a name, or change where its value lies and where it may be sent."""
    found = get_object_or_404(Secret, pk=pk) if pk is not None else None
    form = SecretForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        author = account_of(request)
        saved = form.save(commit=False)
        if found is None:
            saved.created_by_id = author.pk
        saved.save()
        action = "changed the secret" if found else "registered the secret"
        audit.record(author, action, saved.name, f"for {saved.hosts}")
        messages.success(request, f"{saved.name} is saved.")
        return redirect("secrets")
    context = {"form": form, "secret": found, "folder": settings.SECRETS_FOLDER}
    return render(request, "pages/secret.html", context)


@needs(Role.ADMIN)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forget the name; what it names stays where it is."""
    found = get_object_or_404(Secret, pk=pk)
    audit.record(account_of(request), "removed the secret", found.name)
    found.delete()
    messages.success(request, f"{found.name} is not known here any more.")
    return redirect("secrets")
