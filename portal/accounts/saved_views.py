"""Saved views: which part of an address is kept, and whose views somebody sees."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict
from django.utils.http import urlencode

from catalog.query import shown
from catalog.query.columns import SORTS
from catalog.query.fields import FIELDS
from catalog.query.search import VIEWS
from portal.accounts.models import Account, SavedView

STARRED = "starred"
# More than one person keeps in mind; it bounds the row above the list.
MOST_EACH = 100
_VIEW_TITLES = {"mine": "Mine", "attention": "Needs attention", STARRED: "Starred"}


def kept(params: QueryDict) -> str:
    """The parameters that the index understands, in one order, as an address has them.

    The page, unfolded filters and whatever else stands in an address are left out.
    """
    pairs = asked(params)
    return urlencode(pairs + arranged(params)) if pairs else ""


def asked(params: QueryDict) -> list[tuple[str, str]]:
    """What is looked for: the text, the view, the filters."""
    pairs: list[tuple[str, str]] = []
    text = params.get("q", "").strip()
    view = params.get("view", "all")
    if text:
        pairs.append(("q", text))
    if view != "all" and view in (*VIEWS, STARRED):
        pairs.append(("view", view))
    for key in FIELDS:
        values = dict.fromkeys(params.getlist(key))
        # An empty value is asked for, too: it is that of what has none.
        pairs += [(key, value) for value in values]
    return pairs


def arranged(params: QueryDict) -> list[tuple[str, str]]:
    """How it is shown: the order, and the columns."""
    pairs: list[tuple[str, str]] = []
    sort = params.get("sort", "")
    if sort.removeprefix("-") in SORTS:
        pairs.append(("sort", sort))
    columns = shown.chosen(params.getlist(shown.PARAM))
    if columns is not None:
        pairs.append((shown.PARAM, shown.written(columns)))
    return pairs


def parts(query: str) -> list[tuple[str, str]]:
    """What a kept query asks, for people: a title (empty for typed text), a value.

    Values stand as they were asked for: a title of an entity would tell that it is
    there.
    """
    params = QueryDict(query)
    found = [("", params["q"])] if "q" in params else []
    if view := params.get("view", ""):
        found.append(("View", _VIEW_TITLES.get(view, view)))
    for key, named in FIELDS.items():
        values = params.getlist(key)
        found += [(named.title, value or named.empty or "none") for value in values]
    if sort := params.get("sort", ""):
        found.append(("Sort", sort))
    columns = shown.chosen(params.getlist(shown.PARAM))
    if columns is not None:
        titles = [one.title for key, one in shown.every().items() if key in columns]
        found.append(("Columns", ", ".join(["Name", *titles])))
    return found


def seen_by(account: Account) -> QuerySet[SavedView]:
    """Their own views first, then what others share; with whose each is."""
    shared = Q(is_shared=True, owner__is_active=True)
    is_own = Case(
        When(owner=account, then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    rows = SavedView.objects.filter(Q(owner=account) | shared)
    return rows.select_related("owner").order_by(is_own, "title", "pk")


def split(
    rows: Iterable[SavedView], account: Account
) -> tuple[list[SavedView], list[SavedView]]:
    """Their own, and those of others."""
    own: list[SavedView] = []
    others: list[SavedView] = []
    for row in rows:
        (own if row.owner_id == account.pk else others).append(row)
    return own, others
