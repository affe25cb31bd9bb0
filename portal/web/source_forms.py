"""The forms of a source: where it is, what it may do; each field with its help."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from django import forms

from catalog import refs
from catalog.secrets.models import Secret
from catalog.sources import limits, patterns
from catalog.sources.models import Source

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Source]
else:
    ModelForm = forms.ModelForm

PLACES = (
    ("", "What the address says"),
    ("folder", "Folder or file"),
    ("git", "Git repository"),
    ("url", "URL of a YAML file or model catalog"),
    ("backstage", "Another Backstage, or another Greenroom"),
)
GIT = ("branch", "pattern", "secret")
LIMITS = ("may_declare_people", "kinds", "namespaces", "widest", "owner")
TIMES = ("interval", "orphan_days")
NET = ("known_hosts", "ca")
# Emptied, they fall back to what the model says.
DEFAULTED = ("interval", "orphan_days", "widest")


class SourceForm(ModelForm):
    """What an administrator may change about a source."""

    class Meta:
        model = Source
        fields = (
            "name",
            *GIT,
            *LIMITS,
            *TIMES,
            "example",
            *NET,
        )
        labels = {
            "pattern": "Files",
            "known_hosts": "Known hosts",
            "ca": "Certificates",
            "kinds": "Allowed kinds",
            "namespaces": "Allowed namespaces",
            "widest": "Shown at most to",
            "interval": "Look again every … seconds",
            "orphan_days": "Days of grace for orphans",
            "example": "An example",
            "may_declare_people": "May declare people",
        }
        help_texts = {
            "may_declare_people": "Whoever writes there then decides who is in a "
            "group, and so who sees what.",
            "interval": "Beside being watched, and beside its webhook.",
        }
        widgets = {
            "known_hosts": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
            "ca": forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        }
        error_messages = {"name": {"unique": "Another source has this name."}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in DEFAULTED:
            self.fields[name].required = False
        self.fields["secret"] = self._secrets()
        provider = self.instance.provider
        if provider and provider != "git":
            for name in ("branch", "known_hosts"):
                del self.fields[name]
        if provider == "folder":
            for name in ("secret", "ca"):
                del self.fields[name]
        if provider in ("url", "backstage"):
            del self.fields["pattern"]

    def _secrets(self) -> forms.ChoiceField:
        """The registered names, and the one that is set, should it be gone."""
        names = set(Secret.objects.values_list("name", flat=True))
        names |= {self.instance.secret} - {""}
        return forms.ChoiceField(
            label="Secret",
            required=False,
            choices=[("", "None"), *((name, name) for name in sorted(names))],
            help_text="What opens it: a name registered under Settings, Secrets.",
        )

    def opened(self, names: tuple[str, ...]) -> bool:
        """Does this part hold what somebody filled in, or did wrong?"""
        if not self.is_bound:
            return False
        touched = {*self.changed_data, *self.errors}
        return not touched.isdisjoint(names)

    def part(self, names: tuple[str, ...]) -> list[Any]:
        """The fields of these names that the form has, ready to be shown."""
        return [self[name] for name in names if name in self.fields]

    def clean_interval(self) -> int:
        """Not so often that the house does nothing else."""
        seconds: int = self._or_default("interval")
        if seconds < 5:
            raise forms.ValidationError(f"{seconds} is too often; 5 is the least.")
        return seconds

    def clean_orphan_days(self) -> int:
        """What the model says, where the field is empty."""
        days: int = self._or_default("orphan_days")
        return days

    def clean_widest(self) -> str:
        """Likewise."""
        return " ".join(str(self._or_default("widest")).split())

    def _or_default(self, name: str) -> Any:
        given = self.cleaned_data[name]
        return getattr(Source(), name) if given in (None, "") else given

    def clean_pattern(self) -> str:
        """It has to be a pattern that can be read."""
        pattern: str = self.cleaned_data["pattern"]
        if trouble := patterns.problem(pattern):
            raise forms.ValidationError(trouble)
        return pattern

    def clean_owner(self) -> str:
        """A group or a user, in full."""
        owner: str = self.cleaned_data["owner"].strip()
        if not owner:
            return ""
        try:
            return str(refs.parse(owner, kind="Group"))
        except refs.RefError as error:
            raise forms.ValidationError(f"{error}.") from error

    def clean_ca(self) -> str:
        """Certificates that OpenSSL can read."""
        text: str = self.cleaned_data["ca"].strip()
        if text:
            try:
                ssl.create_default_context(cadata=text)
            except (ssl.SSLError, ValueError) as error:
                raise forms.ValidationError(
                    "This is no certificate in PEM form: it begins with "
                    "-----BEGIN CERTIFICATE-----."
                ) from error
        return text

    def clean(self) -> dict[str, Any]:
        """The limits have to name what there is."""
        cleaned = super().clean() or {}
        given = {name: cleaned.get(name) or "" for name in LIMITS[1:4]}
        wrong = limits.check(Source(**given))
        for name, sentence in wrong.items():
            self.add_error(name, sentence)
        return cleaned


class AddForm(SourceForm):
    """The same for a source that is not there yet: its address comes first."""

    target = forms.CharField(
        label="Folder, repository, URL or Backstage",
        max_length=1000,
        help_text="A path on the machine that Greenroom runs on, the address of a git "
        "repository, an http or https address of a YAML file or a model catalog, or "
        "the base address of a Backstage, such as https://backstage.lab.example.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "placeholder": "/srv/catalog or https://forge.lab/ops/catalog.git",
            }
        ),
    )
    provider = forms.ChoiceField(
        label="What it is",
        choices=PLACES,
        required=False,
        help_text="Choose where an https address could be several of these. Of a "
        "Backstage the catalog is read, with a static token as the secret; nothing is "
        "ever written there.",
    )
    field_order = ("target", "provider", *GIT)

    class Meta(SourceForm.Meta):
        exclude = ("name", "example")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("name", "example"):
            self.fields.pop(name, None)
        self.fields["may_declare_people"].label = "It may declare groups and people"

    def fields_of_row(self) -> dict[str, Any]:
        """What `adding.source_for` takes beside the address."""
        names = ("provider", *GIT, *LIMITS[1:], *TIMES, *NET)
        return {name: self.cleaned_data[name] for name in names}
