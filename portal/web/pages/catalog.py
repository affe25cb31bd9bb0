"""The catalog index: filters, views, the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog import refs
from catalog.entities.viewer import Viewer
from catalog.kind import KINDS
from catalog.query import hits, shown
from catalog.query.attention import Attention, attention
from catalog.query.language import completing, explaining
from catalog.query.language.explaining import Reason
from catalog.query.language.grammar import MOST_TEXT
from catalog.query.search import Results, Search
from catalog.sources.models import Source
from portal.accounts import saved_views, stars
from portal.accounts.models import Account, Role
from portal.web.gate import allows, viewer_of
from portal.web.health import healths
from portal.web.index_columns import Layout, asked_in
from portal.web.jinja import query
from portal.web.partial import render_part, wants_part
from portal.web.saved_links import SavedLinks

VIEW_TITLES = {
    "all": "All",
    "mine": "Mine",
    "attention": "Needs attention",
    saved_views.STARRED: "Starred",
}
ROW_BARS = 24
STRANGERS_VIEWS = (("all", "All"), ("attention", "Needs attention"))


@dataclass(frozen=True)
class Figures:
    """What the cards above the table say about the whole catalog."""

    kinds: list[tuple[str, int]]
    others: int
    attention: Attention
    sources: int
    failing: int
    read_at: datetime | None


@require_safe
def catalog(request: HttpRequest) -> HttpResponse:
    """The index, or for htmx only what filters change."""
    if len(request.GET.getlist(shown.PARAM)) > 1:
        # A form sends each column by itself; an address to pass on has them in one.
        one = shown.written(asked_in(request) or ())
        return redirect(reverse("catalog") + query(request, columns=one))
    viewer = viewer_of(request)
    search = asked_of(request)
    results = search.run(viewer)
    context = index_context(request, viewer, search, results)
    if not wants_part(request):
        context["figures"] = figures_of(viewer) if results.views["all"] else None
    page, part = "pages/catalog.html", "fragments/catalog.html"
    response = render_part(request, page, part, context)
    if results.wrong:
        # The script keeps the list while somebody is still typing.
        response["X-Query-Wrong"] = "1"
    return response


def asked_of(request: HttpRequest) -> Search:
    """What the address asks for; with a view of their stars for those with a login."""
    account = request.user
    lists = {}
    if isinstance(account, Account):
        lists[saved_views.STARRED] = stars.refs_of(account)
    return Search.from_params(request.GET, lists)


def index_context(
    request: HttpRequest, viewer: Viewer, search: Search, results: Results
) -> dict[str, Any]:
    """All that the table and the filters around it show."""
    unfolded = request.GET.getlist("all")
    kept = SavedLinks.of(request, search)
    known = healths((row.pk for row in results.rows), bars=ROW_BARS)
    rows = {row.pk: row for row in results.rows}
    return {
        "search": search,
        "results": results,
        "view_links": view_links(request, viewer, search, results, kept),
        "kept": kept,
        "starred": search.lists.get(saved_views.STARRED, ()),
        "unfolded": unfolded,
        "fold_pairs": [("all", key) for key in unfolded],
        "sort": search.sort or ("" if results.words else "title"),
        "why": why_of(request, results),
        "examples": {row.source_id for row in results.rows if row.source.example},
        "names": names_of(results),
        "healths": known,
        "layout": Layout.of(request, results, known),
        "sought": results.sought,
        "told_rows": hits.told(results.scope.table, rows, results.sought),
        "is_linked": bool(viewer.ref),
        "has_account": request.user.is_authenticated,
        "can_edit": allows(request, Role.EDITOR),
        "is_admin": allows(request, Role.ADMIN),
    }


@dataclass(frozen=True)
class Why:
    """One entity, and which conditions of the query hold for it. `kept` is what stands
    in the address besides."""

    asked: str = ""
    ref: str = ""
    title: str = ""
    is_in: bool = False
    reasons: tuple[Reason, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


def why_of(request: HttpRequest, results: Results) -> Why:
    """Why an entity is in the answer or not, where somebody asks."""
    asked = request.GET.get("why", "").strip()[:200]
    kept = tuple(
        (key, value)
        for key, values in request.GET.lists()
        if key not in ("why", "page")
        for value in values
    )
    if not asked or results.answer is None:
        return Why(asked, kept=kept)
    ref = explaining.meant(results.answer.scope, asked)
    reasons = tuple(results.answer.explain(ref)) if ref else ()
    title = results.titles[ref] if ref else ""
    is_in = bool(ref) and all(reason.holds for reason in reasons if not reason.depth)
    return Why(asked, ref, title, is_in, reasons, kept)


def view_links(
    request: HttpRequest,
    viewer: Viewer,
    search: Search,
    results: Results,
    kept: SavedLinks,
) -> list[tuple[str, str, bool, int | None]]:
    """(title, address, is current, how many) of the views that everybody has."""
    links = []
    shown = VIEW_TITLES.items() if request.user.is_authenticated else STRANGERS_VIEWS
    for name, title in shown:
        address = query(request, view=None if name == "all" else name, page=None)
        knows = name not in ("all", "mine") or (name == "mine" and viewer.ref)
        number = results.views[name] if knows else None
        is_current = search.view == name and not kept.has_current
        links.append((title, address, is_current, number))
    return links


def names_of(results: Results) -> dict[str, str]:
    """Titles of the owners and systems on this page, without those that the viewer
    cannot see."""
    near = {ref for row in results.rows for ref in (row.owner, row.system) if ref}
    titles = {ref: results.titles[ref] for ref in near}
    # What is hidden or missing goes by its reference, never by a title.
    return {ref: title for ref, title in titles.items() if title != refs.short(ref)}


def figures_of(viewer: Viewer) -> Figures:
    """Counts of kinds and findings, and when sources were last read."""
    sources = Source.objects.exclude(provider="here").aggregate(
        number=Count("pk"),
        failing=Count("pk", filter=Q(state__in=[Source.FAILED, Source.ERRORS])),
        read_at=Max("last_ok_at"),
    )
    kinds = [
        (kind if number == 1 else plural(kind), number)
        for kind, number in hits.counts("kind", viewer).items()
    ]
    return Figures(
        kinds=kinds[:2],
        others=sum(number for _, number in kinds[2:]),
        attention=attention(viewer),
        sources=sources["number"],
        failing=sources["failing"],
        read_at=sources["read_at"],
    )


def plural(kind: str) -> str:
    """What several entities of a kind are called."""
    return KINDS[kind].plural if kind in KINDS else f"{kind}s"


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """What may stand where somebody types in the box above the list."""
    text = request.GET.get("q", "")[:MOST_TEXT]
    given = request.GET.get("at", "")
    at = int(given) if given.isascii() and given.isdigit() else len(text)
    options = completing.complete(text, min(at, len(text)), viewer_of(request))
    return render(request, "fragments/completion.html", {"options": options})
