"""The form of a webhook: where it goes, what it is told, with whose eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from catalog.entities.secrecy import withhold
from catalog.http.addresses import (
    Refused,
    Unreachable,
    host_and_port,
    judged_address,
)
from portal.accounts.models import Account
from portal.webhooks import sight
from portal.webhooks.events import TYPES
from portal.webhooks.models import Webhook

SIGHTS = {
    Webhook.SIGNED_IN: "What everybody with an account may see",
    Webhook.PUBLIC: "What strangers may see: only what is public",
    Webhook.MAKER: "What whoever adds it may see, also what is for some people only",
}

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[Webhook]
else:
    ModelForm = forms.ModelForm


class WebhookForm(ModelForm):
    """What an administrator says about a webhook."""

    # What may be wrong, in words; set while the form is checked.
    doubt = ""

    events = forms.MultipleChoiceField(
        label="It is told when",
        choices=list(TYPES.items()),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it is told; one at least."},
    )
    sight = forms.ChoiceField(
        label="It sees",
        choices=list(SIGHTS.items()),
        initial=Webhook.SIGNED_IN,
        widget=forms.RadioSelect,
        help_text="Events of entities that it may not see are never sent. Decide who "
        "reads along at the other side. Only who sees everything is told of removals.",
    )

    class Meta:
        model = Webhook
        fields = ("title", "address", "events", "query", "sight")
        widgets = {
            "title": forms.TextInput(attrs={"autocomplete": "off"}),
            "address": forms.TextInput(
                attrs={"autocomplete": "off", "spellcheck": "false", "type": "url"}
            ),
            "query": forms.TextInput(
                attrs={"autocomplete": "off", "spellcheck": "false"}
            ),
        }
        labels = {"query": "Only for entities that match"}
        help_texts = {
            "title": "What people call it, such as “Inventory of the lab”.",
            "address": "http or https, such as https://hooks.lab.example/greenroom. "
            "On the internet only https. No password: each call is signed.",
            "query": "A query as in the catalog, such as kind:model tier:critical. An "
            "entity that is removed matches none.",
        }
        error_messages = {
            "title": {"unique": "There is a webhook of this title. Choose another."}
        }

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        if self.instance.pk:
            self.initial["events"] = self.instance.types

    def clean_address(self) -> str:
        """An address that may be asked, without a secret in it."""
        text: str = self.cleaned_data["address"].strip()
        _, found = withhold(text)
        if found:
            # What was typed does not come back into the page.
            typed = cast("QueryDict", self.data).copy()
            typed[self.add_prefix("address")] = ""
            self.data = typed
            raise ValidationError(
                f"A part of the address looks like {found[0].looks}. Leave it out: the "
                "receiver knows Greenroom by the signature."
            )
        try:
            host, port = host_and_port(text)
            judged_address(host, port, secure=text.lower().startswith("https:"))
        except Refused as error:
            raise ValidationError(str(error)) from None
        except Unreachable as error:
            self.doubt = str(error)
        return text

    def clean_events(self) -> str:
        """The types, with a space between."""
        return " ".join(self.cleaned_data["events"])

    def clean(self) -> dict[str, Any]:
        """A query that can be asked by whoever the webhook sees as."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        said["query"] = said.get("query", "").strip()
        asks = Webhook(
            query=said["query"],
            sight=said.get("sight", Webhook.SIGNED_IN),
            created_by=self.instance.created_by or self.account,
        )
        wrong = sight.fault(asks)
        if wrong:
            self.add_error("query", wrong)
        return said
