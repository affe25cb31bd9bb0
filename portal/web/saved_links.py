"""The saved views above the list: links to them, and what may be saved."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from catalog.query.search import Search
from portal.accounts import saved_views
from portal.accounts.models import Account, SavedView

IN_ROW = 6
MOST_LISTED = 60


@dataclass(frozen=True)
class SavedLink:
    """One saved view: `by` is who shares it; empty where it is the reader's own."""

    title: str
    href: str
    is_current: bool
    by: str


@dataclass(frozen=True)
class SavedLinks:
    """Those in the row and in the fold; and the query of this address, to save it."""

    row: tuple[SavedLink, ...] = ()
    folded: tuple[SavedLink, ...] = ()
    query: str = ""
    can_save: bool = False

    @property
    def has_current(self) -> bool:
        """Is the reader on one of them?"""
        return any(link.is_current for link in (*self.row, *self.folded))

    @classmethod
    def of(cls, request: HttpRequest, search: Search) -> SavedLinks:
        """Those of whoever asks. One query; none for a stranger, who has none."""
        account = request.user
        if not isinstance(account, Account):
            return cls()
        asked = saved_views.kept(request.GET)
        rows = saved_views.seen_by(account)[:MOST_LISTED]
        links = tuple(_link(row, account, asked) for row in rows)
        is_kept = any(link.is_current and not link.by for link in links)
        return cls(
            row=links[:IN_ROW],
            folded=links[IN_ROW:],
            query=asked,
            can_save=bool(search.text or search.filters) and not is_kept,
        )


def href_of(view: SavedView) -> str:
    """The address of the list with the query of a saved view."""
    return f"{reverse('catalog')}?{view.query}"


def _link(view: SavedView, account: Account, asked: str) -> SavedLink:
    by = "" if view.owner_id == account.pk else view.owner.label
    return SavedLink(view.title, href_of(view), view.query == asked, by)
