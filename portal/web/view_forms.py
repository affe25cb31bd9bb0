"""The forms of saved views: a title, the query, and whether others see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict

from catalog.query.language.grammar import MOST_TEXT
from portal.accounts import saved_views
from portal.accounts.models import Account, SavedView

if TYPE_CHECKING:
    # Django's own class takes no type argument when the program runs.
    ModelForm = forms.ModelForm[SavedView]
else:
    ModelForm = forms.ModelForm

# Far more than is kept, so that what is too long is told and not cut.
_MOST_GIVEN = 20_000
_TITLE = {
    "required": "Give it a title: the row above the list shows it.",
    "max_length": "The title has %(show_value)d characters, and may have "
    "%(limit_value)d.",
}
# The code of an error that another saved view is the cause of.
CLASH = "clash"
_TAKEN = "You have a view “{}” already. Choose another title, or rename that one."
_EMPTY = "There is nothing to save. Type a query or choose a filter in the list first."
NEEDS_EDITOR = (
    "Sharing needs the role Editor or Administrator. Your role is {role}. Save it for "
    "yourself, or ask an administrator to change your role."
)


class TitleForm(ModelForm):
    """The title alone: for renaming."""

    class Meta:
        model = SavedView
        fields = ("title",)
        error_messages = {"title": _TITLE}

    def clean_title(self) -> str:
        """A title that this person has no other view of, whatever the capitals."""
        title: str = self.cleaned_data["title"]
        same = self.instance.owner.saved_views.filter(title__iexact=title)
        if same.exclude(pk=self.instance.pk).exists():
            raise ValidationError(_TAKEN.format(title), code=CLASH)
        return title

    def kept(self) -> SavedView | None:
        """The view as it is saved now; None where the form says what to mend."""
        if not self.is_valid():
            return None
        try:
            with transaction.atomic():
                return self.save()
        except IntegrityError:
            # Two tabs at once: the database let the other one through.
            said = _TAKEN.format(self.cleaned_data["title"])
            self.add_error("title", ValidationError(said, code=CLASH))
            return None

    @property
    def clashes(self) -> bool:
        """Is it refused for what is saved already?"""
        return any(self.has_error(field, CLASH) for field in self.errors)


class SavedViewForm(TitleForm):
    """A new view. `query` is part of an address, as it stands after the `?`."""

    query = forms.CharField(
        required=False, max_length=_MOST_GIVEN, widget=forms.HiddenInput
    )

    class Meta(TitleForm.Meta):
        fields = ("title", "is_shared")  # type: ignore[assignment]
        labels = {"is_shared": "Share it"}
        help_texts = {
            "title": "For example: Servers without a tier.",
            "is_shared": "Everybody with a login finds it above the list. What it "
            "shows is what they may see.",
        }

    def __init__(self, owner: Account, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, instance=SavedView(owner=owner), **kwargs)
        self.owner = owner

    def clean_query(self) -> str:
        """What the index understands of it."""
        params = QueryDict(self.cleaned_data["query"])
        query = saved_views.kept(params)
        if not query:
            raise ValidationError(_EMPTY)
        typed = len(params.get("q", "").strip())
        if typed > MOST_TEXT:
            raise ValidationError(
                f"The query has {typed:,} characters, and may have {MOST_TEXT:,}."
            )
        if len(query) > SavedView.MOST_QUERY:
            raise ValidationError(
                f"As part of an address the query has {len(query):,} characters, and a "
                f"view keeps {SavedView.MOST_QUERY:,}. Take some filters away."
            )
        return query

    def clean_is_shared(self) -> bool:
        """Shared by those who may."""
        if self.cleaned_data["is_shared"] and not self.owner.can_edit:
            role = self.owner.get_role_display()
            raise ValidationError(NEEDS_EDITOR.format(role=role))
        return bool(self.cleaned_data["is_shared"])

    def clean(self) -> dict[str, Any]:
        """Nobody keeps views without end."""
        super().clean()
        if self.owner.saved_views.count() >= saved_views.MOST_EACH:
            raise ValidationError(
                f"You have {saved_views.MOST_EACH} views, which is as many as one "
                "person may keep. Remove one first.",
                code=CLASH,
            )
        self.instance.query = self.cleaned_data.get("query", "")
        return self.cleaned_data
