"""What the forms about accounts share: fields, passwords, refusals shown in place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from catalog import refs
from catalog.entities.models import Entity
from portal.accounts import invites, names
from portal.accounts.models import Account
from portal.accounts.refusal import Refusal

OFFERED = 200
MAIL_HELP = "You can sign in with it. A User made for you shows it in the catalog."


def username_field(**options: Any) -> forms.CharField:
    """The box for a user name that is new."""
    widget = forms.TextInput(
        attrs={
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
    )
    text = f"You sign in with it: {names.RULE}"
    return forms.CharField(
        label="User name", max_length=63, widget=widget, help_text=text, **options
    )


def display_name_field(**options: Any) -> forms.CharField:
    """The box for the name that others read."""
    return forms.CharField(
        label="Display name",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="The name that others read, for example Mira Novak.",
        **options,
    )


def email_field(help_text: str = MAIL_HELP) -> forms.EmailField:
    """The box for an e-mail address, which may stay empty."""
    return forms.EmailField(
        label="E-mail",
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=help_text,
    )


class RefField(forms.CharField):
    """A reference to one entity of a kind: typed, or picked from a short list."""

    def __init__(self, kind: str, **options: Any) -> None:
        super().__init__(max_length=200, required=False, **options)
        self.kind = kind
        self.widget.attrs["placeholder"] = f"{kind.lower()}:name"

    def clean(self, value: Any) -> str:
        """The reference in the form that is stored; empty stays empty."""
        try:
            return invites.as_ref(super().clean(value), self.kind)
        except Refusal as refusal:
            raise ValidationError(refusal.sentence) from None


@dataclass(frozen=True)
class Picker:
    """The short list beside a RefField, as a `<datalist>`."""

    id: str
    choices: list[tuple[str, str]]


def picker(form: forms.Form, field: str, rows: QuerySet[Entity]) -> Picker:
    """Offer these entities in a field. A house with more of them types the name."""
    found = Picker(
        id=f"{field}-choices",
        choices=[(refs.short(row.ref), row.label) for row in rows[:OFFERED]],
    )
    form.fields[field].widget.attrs |= {
        "list": found.id,
        "autocomplete": "off",
    }
    return found


class NewPasswordForm(forms.Form):
    """A new password, typed twice. Forms with more fields build on it."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, nothing common, not like your name.",
    )
    again = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def owner(self) -> Account:
        """Whose password it becomes: it must not be like their name."""
        said = self.cleaned_data
        return Account(
            username=said.get("username", ""),
            display_name=said.get("display_name", ""),
            email=said.get("email", ""),
        )

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same, and good enough."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        password, again = said.get("password"), said.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ. Type the same twice.")
        if password:
            try:
                password_validation.validate_password(password, self.owner())
            except ValidationError as error:
                self.add_error("password", error)
        return said


@contextmanager
def refusals_of(form: forms.BaseForm) -> Iterator[None]:
    """Show a Refusal at the box that it is about, or above the form."""
    try:
        yield
    except Refusal as refusal:
        known = refusal.field in form.fields
        form.add_error(refusal.field if known else None, refusal.sentence)
