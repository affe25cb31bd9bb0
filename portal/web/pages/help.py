"""The help: the Markdown of portal/docs/, and a reference made from the kinds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog.kind import KINDS
from portal.web import door_reference, prober_reference, query_reference, reference
from techdocs import markdown
from techdocs.markdown import Heading, Text

FOLDER = Path(__file__).parents[2] / "docs"
INDEX = "index"
KINDS_PAGE, PROBERS_PAGE, QUERIES_PAGE = "kinds", "probers", "queries"
API_PAGE = "api-reference"
DOORS_PAGE = "doors"
_LINKED = re.compile(r"\]\((\w[-\w]*)\.md")


@dataclass(frozen=True)
class Entry:
    """One line of the list of pages."""

    title: str
    href: str
    current: bool


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    """The first page."""
    return _document(request, INDEX)


@require_safe
def help_page(request: HttpRequest, path: str) -> HttpResponseBase:
    """One page of the help."""
    if path == INDEX:
        return redirect("help", permanent=True)
    return _document(request, path)


@require_safe
def help_kinds(request: HttpRequest) -> HttpResponse:
    """All kinds, and the relations that their fields make."""
    kinds = sorted(KINDS.values(), key=lambda kind: kind.name)
    headings = [Heading(2, "kinds", "Kinds"), Heading(2, "relations", "Relations")]
    context = {
        "kinds": kinds,
        "relations": reference.relation_rows(),
        **frame(KINDS_PAGE, headings),
    }
    return render(request, "pages/help_kinds.html", context)


@require_safe
def help_kind(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The reference of one kind."""
    found = reference.find(kind)
    if found is None:
        raise Http404
    if kind != kind.lower():
        return redirect("help-kind", kind.lower(), permanent=True)
    page = reference.page_of(found)
    names = [("spec", "Fields of spec")]
    names += [(name.lower(), name) for name, _, _ in page.parts]
    names += [("types", "Types")] if found.types else []
    names += [("example", "Example")]
    headings = [Heading(2, anchor, title) for anchor, title in names]
    context = {"page": page, "kind": found, **frame(KINDS_PAGE, headings)}
    return render(request, "pages/help_kind.html", context)


@require_safe
def help_probers(request: HttpRequest) -> HttpResponse:
    """All probers: what each asks, how often, and with which settings."""
    parts = prober_reference.parts()
    titles = [(part.prober.name, part.prober.title) for part in parts]
    headings = [Heading(2, "all", "Settings of all")]
    headings += [Heading(2, name, title) for name, title in titles]
    context = {
        "parts": parts,
        "shared": prober_reference.shared_rows(),
        **frame(PROBERS_PAGE, headings),
    }
    return render(request, "pages/help_probers.html", context)


@require_safe
def help_queries(request: HttpRequest) -> HttpResponse:
    """The query language: its rules, and every field that there is."""
    groups = query_reference.groups()
    headings = [Heading(2, "rules", "Rules")]
    headings += [Heading(2, group.anchor, group.title) for group in groups]
    context = {
        "groups": groups,
        "conditions": query_reference.conditions(),
        **frame(QUERIES_PAGE, headings),
    }
    return render(request, "pages/help_queries.html", context)


@require_safe
def help_doors(request: HttpRequest) -> HttpResponse:
    """Every door, and who may open it."""
    groups = door_reference.groups()
    headings = [Heading(2, group.anchor, group.policy.value) for group in groups]
    context = {"groups": groups, **frame(DOORS_PAGE, headings)}
    return render(request, "pages/help_doors.html", context)


def _document(request: HttpRequest, path: str) -> HttpResponse:
    if path not in _pages():
        raise Http404
    text = _rendered(path, _stamp(path), reverse("help"))
    headings = [h for h in text.headings if h.level in (2, 3)]
    context = {"text": text, **frame(path, headings)}
    return render(request, "pages/help.html", context)


def frame(path: str, headings: list[Heading]) -> dict[str, object]:
    """The list of pages and the table of contents, for every page of the help."""
    entries = [Entry(_title(name), _address(name), name == path) for name in _pages()]
    entries.append(Entry("Kinds", reverse("help-kinds"), path == KINDS_PAGE))
    entries.append(Entry("Probers", reverse("help-probers"), path == PROBERS_PAGE))
    entries.append(Entry("Queries", reverse("help-queries"), path == QUERIES_PAGE))
    entries.append(Entry("API reference", reverse("help-api"), path == API_PAGE))
    if path == DOORS_PAGE:
        # Others are led to no page that is closed to them.
        entries.append(Entry("Who may open what", reverse("help-doors"), True))
    return {"entries": entries, "headings": headings}


def _pages() -> list[str]:
    """The pages in the order in which the first one names them, then the others."""
    present = {path.stem for path in FOLDER.glob("*.md")}
    named = _LINKED.findall((FOLDER / f"{INDEX}.md").read_text("utf-8"))
    order = dict.fromkeys([INDEX, *named, *sorted(present)])
    return [name for name in order if name in present]


def _title(name: str) -> str:
    if name == INDEX:
        return "Overview"
    return _rendered(name, _stamp(name), reverse("help")).title or name


def _address(name: str) -> str:
    return reverse("help") if name == INDEX else reverse("help-page", args=[name])


def _stamp(name: str) -> float:
    return (FOLDER / f"{name}.md").stat().st_mtime


@lru_cache(maxsize=100)
def _rendered(name: str, stamp: float, root: str) -> Text:
    """A page as HTML, made again when its file changes or the house moves."""
    text = (FOLDER / f"{name}.md").read_text("utf-8")
    return markdown.render(text, link=_link)


def _link(href: str) -> str:
    """`sources.md#url` → the page of the help; other addresses stay."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path.endswith(".md"):
        return href
    address = _address(Path(parts.path).stem)
    return f"{address}#{parts.fragment}" if parts.fragment else address
