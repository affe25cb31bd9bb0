"""What the search offers beside pages, in groups: hits, people, saved views, deeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from catalog.entities.models import Entity
from catalog.query import fulltext
from catalog.query.hits import Hit
from catalog.query.language.asking import ask
from catalog.query.language.scope import Scope
from catalog.query.language.wrong import Wrong
from catalog.sources.models import Source
from portal.accounts import saved_views, stars
from portal.accounts.models import Account, Role
from portal.web.gate import allows, viewer_of
from portal.web.jinja import entity_url
from portal.web.places import Offer, help_pages, matches, pages
from portal.web.saved_links import href_of

_PEOPLE = ("User", "Group")
FEW = 6
_MOST_VIEWS, _MOST_SOURCES = 200, 50


@dataclass(frozen=True)
class Group:
    """Some offers under a heading."""

    key: str
    title: str
    hits: Sequence[Hit] = ()
    offers: Sequence[Offer] = ()

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.hits) + len(self.offers)


def found(request: HttpRequest, text: str, hits: list[Hit]) -> list[Group]:
    """What was found for some words; the group with the best hit comes first."""
    wanted = fulltext.words(text)
    if not wanted:
        return []
    people = [hit for hit in hits if hit.entity.kind in _PEOPLE]
    others = [hit for hit in hits if hit.entity.kind not in _PEOPLE]
    first = [
        Group("entities", "Entities", others),
        Group("people", "People", people, accounts(request, wanted)),
    ]
    if people and hits[0] in people:
        first.reverse()
    groups = [
        *first,
        Group("views", "Saved views", offers=views(request, wanted)),
        Group("pages", "Pages", offers=pages(request, wanted)),
        Group("help", "Help", offers=help_pages(wanted)),
    ]
    return [group for group in groups if group.size]


def in_catalog(text: str, scope: Scope) -> list[Offer]:
    """The query as a page of the catalog, or as it was probably meant. What `scope`
    was asked already is not asked again."""
    try:
        answer = ask(text, scope.viewer, scope)
    except Wrong as wrong:
        return [_query(f"Did you mean {one}?", one) for one in wrong.instead[:1]]
    if number := answer.truth.yes.bit_count():
        told = f"All {number:,} in the catalog" if number > 1 else "Show in the catalog"
        return [_query(told, text)]
    meant = (offer for remark in scope.remarks for offer in remark.instead)
    return [_query(title, one, one) for title, one in dict.fromkeys(meant)]


def _query(title: str, text: str, side: str = "") -> Offer:
    address = f"{reverse('catalog')}?{urlencode({'q': text})}"
    return Offer(title, side, address, "layout-grid")


def beginning(request: HttpRequest) -> list[Group]:
    """What the palette shows before anything is typed."""
    groups = [
        Group("starred", "Starred", offers=starred(request)),
        Group("views", "Saved views", offers=views(request, [])[:FEW]),
        Group("deeds", "Commands", offers=deeds(request, [])),
    ]
    return [group for group in groups if group.size]


def accounts(request: HttpRequest, wanted: list[str]) -> list[Offer]:
    """Logins that hold every word; with their addresses, for administrators alone."""
    if not allows(request, Role.ADMIN):
        return []
    rows = Account.objects.order_by("username")
    for word in wanted:
        rows = rows.filter(
            Q(username__icontains=word)
            | Q(display_name__icontains=word)
            | Q(email__icontains=word)
        )
    return [
        Offer(
            row.label,
            " · ".join(part for part in ("Account", row.email) if part),
            reverse("person", args=[row.pk]),
            "user",
        )
        for row in rows[:FEW]
    ]


def views(request: HttpRequest, wanted: list[str]) -> list[Offer]:
    """Saved views by their titles: their own, and what others share."""
    account = request.user
    if not isinstance(account, Account):
        return []
    return [
        Offer(
            row.title,
            "" if row.owner_id == account.pk else f"shared by {row.owner.label}",
            href_of(row),
            "list-filter",
        )
        for row in saved_views.seen_by(account)[:_MOST_VIEWS]
        if matches(wanted, row.title)
    ]


def starred(request: HttpRequest) -> list[Offer]:
    """What this account starred, of what it may see."""
    account = request.user
    refs = stars.refs_of(account) if isinstance(account, Account) else frozenset()
    if not refs:
        return []
    rows = Entity.objects.visible_to(viewer_of(request)).light().filter(ref__in=refs)
    kept = sorted(rows, key=lambda row: row.label.casefold())[:FEW]
    return [
        Offer(row.label, row.type or row.kind.lower(), entity_url(row), "star")
        for row in kept
    ]


def deeds(request: HttpRequest, wanted: list[str]) -> list[Offer]:
    """What can be done from anywhere: reading a source again."""
    if not allows(request, Role.ADMIN):
        return []
    rows = Source.objects.exclude(provider="here").order_by("name")
    return [
        Offer(
            f"Refresh source {name}",
            "",
            reverse("source-read", args=[pk]),
            "refresh-cw",
            is_deed=True,
        )
        for pk, name in rows.values_list("pk", "name")[:_MOST_SOURCES]
        if matches(wanted, f"refresh read source {name}")
    ]
