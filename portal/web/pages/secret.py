"""One secret: adding it, changing where it may go, removing it. Never the value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from catalog.secrets import rules
from catalog.secrets.models import Secret
from catalog.secrets.revealing import fields_with_value, state_of
from portal.accounts import audit
from portal.accounts.models import AuditEvent
from portal.web.gate import account_of

RECENT = 20
ADDED, CHANGED, REMOVED = "added the secret", "changed the secret", "removed the secret"
_ITSELF = (
    "This holds the value of the secret itself. Take it out: Greenroom keeps no values."
)

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Secret]
else:
    ModelForm = forms.ModelForm


class SecretForm(ModelForm):
    """What an administrator says about a secret."""

    uses = forms.MultipleChoiceField(
        label="May be used for",
        choices=list(rules.USES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose one at least."},
    )

    class Meta:
        model = Secret
        fields = ("name", "origin", "variable", "hosts", "uses", "username", "note")
        labels = {
            "origin": "Where the value is",
            "variable": "Variable or file",
            "hosts": "May be sent to",
            "username": "User name",
        }
        widgets = {
            "name": forms.TextInput(
                attrs={"autocomplete": "off", "spellcheck": "false"}
            ),
            "origin": forms.RadioSelect,
            "variable": forms.TextInput(
                attrs={"autocomplete": "off", "spellcheck": "false"}
            ),
            "hosts": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            "username": forms.TextInput(attrs={"autocomplete": "off"}),
        }
        help_texts = {
            "name": "Documents and sources refer to it by this name: capital letters, "
            "digits and _, such as FORGEJO_TOKEN. It cannot be changed later.",
            "variable": "Its name, never the value. Leave it empty where it is called "
            "like the secret.",
            "hosts": "One host on each line: git.lab.example, *.lab.example for all "
            "below it, with :port for one port only.",
            "username": "Where the other side asks for one beside a password or token.",
            "note": "Whose it is and when it ends, for example “deploy key of the lab, "
            "until 2027”.",
        }
        error_messages = {
            "name": {
                "unique": "There is a secret of this name. Choose another, or change "
                "that one."
            },
            "hosts": {"required": "Name one host at least: it is sent nowhere else."},
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].help_text = (
            "Greenroom reads it there each time. The web process and every worker "
            f"need it. Files lie below {settings.GREENROOM_SECRETS}."
        )
        if self.instance.pk:
            self.initial["uses"] = self.instance.use_words
            self.fields["name"].disabled = True
            self.fields["name"].help_text = "It is referred to by this name."

    def clean_uses(self) -> str:
        """The chosen words as they are kept."""
        return " ".join(self.cleaned_data["uses"])


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """The form for a new secret."""
    form = SecretForm(request.POST if request.method == "POST" else None)
    if _is_good(form):
        made = form.save(commit=False)
        made.created_by = account_of(request)
        return _saved(request, made, ADDED)
    status = 422 if form.errors else 200
    return render(request, "pages/secret_add.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a secret, and changing it."""
    found = get_object_or_404(Secret, pk=pk)
    posted = request.POST if request.method == "POST" else None
    form = SecretForm(posted, instance=found)
    if _is_good(form):
        return _saved(request, form.save(commit=False), CHANGED)
    kept = get_object_or_404(Secret, pk=pk)
    actions = (ADDED, CHANGED, REMOVED)
    events = AuditEvent.objects.filter(subject=kept.name, action__in=actions)
    context = {
        "form": form,
        "secret": kept,
        "state": state_of(kept),
        "events": events[:RECENT],
    }
    status = 422 if form.errors else 200
    return render(request, "pages/secret.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget the name. The value is not ours to remove."""
    found = get_object_or_404(Secret, pk=pk)
    if request.method != "POST":
        return render(request, "pages/secret_remove.html", {"secret": found})
    found.delete()
    audit.record(account_of(request), REMOVED, found.name)
    messages.success(request, f"{found.name} is gone: nobody can refer to it any more.")
    return redirect("secrets")


def _is_good(form: SecretForm) -> bool:
    if not form.is_valid():
        return False
    for name in fields_with_value(form.instance):
        form.add_error(name, _ITSELF)
    return form.is_valid()


def _saved(request: HttpRequest, made: Secret, action: str) -> HttpResponse:
    made.save()
    hosts = ", ".join(map(str, made.places))
    detail = f"{made.where}; uses: {made.uses}; hosts: {hosts}"
    audit.record(account_of(request), action, made.name, detail)
    messages.success(request, f"{made.name} is saved.")
    return redirect("secrets")
