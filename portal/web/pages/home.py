"""Home: what needs attention, what changed, what is mine, what there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import findings, history
from catalog.entities.history import Change
from catalog.entities.models import Entity
from catalog.entities.viewer import Viewer
from catalog.probes import health
from catalog.query import attention, hits
from catalog.sources.models import Source
from portal.accounts.models import Role
from portal.web.gate import allows, viewer_of
from portal.web.pages.catalog import plural

SHORT = 5


@dataclass(frozen=True)
class Mine:
    """What belongs to the reader: their groups, and entities of both."""

    is_linked: bool
    groups: list[Entity]
    entities: list[Entity]
    total: int


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page of the day."""
    viewer = viewer_of(request)
    kinds = hits.counts("kind", viewer)
    can_edit = allows(request, Role.EDITOR)
    sources = list(Source.objects.exclude(provider="here").order_by("name"))
    context = {
        "kinds": [(kind, plural(kind), number) for kind, number in kinds.items()],
        "total": sum(kinds.values()),
        "changes": [told(change) for change in history.changes(viewer)],
        "mine": mine_of(viewer),
        "sources": sources,
        "examples": {one.pk for one in sources if one.example},
        "example_names": {one.name for one in sources if one.example},
        "can_edit": can_edit,
        "unwatched": can_edit and health.unwatched(),
        "is_admin": allows(request, Role.ADMIN),
        **attention_of(viewer),
    }
    return render(request, "pages/home.html", context)


def attention_of(viewer: Viewer) -> dict[str, Any]:
    """The first few of everything that needs attention, and how much there is."""
    return {
        "attention": attention.attention(viewer),
        "errors": findings.open_for(viewer).filter(severity="error")[:SHORT],
        "orphans": findings.orphans(viewer)[:SHORT],
        "unowned": attention.unowned(viewer, SHORT),
        "dangling": findings.dangling(viewer)[:SHORT],
    }


def mine_of(viewer: Viewer) -> Mine:
    """My groups, and the entities that I or they own, changed last first."""
    if not viewer.ref:
        return Mine(False, [], [], 0)
    visible = Entity.objects.visible_to(viewer).light()
    groups = visible.filter(kind="Group", ref__in=viewer.principals)
    owned = visible.filter(owner__in=viewer.principals).order_by("-changed_at", "ref")
    rows = list(owned[:SHORT])
    total = owned.count() if len(rows) == SHORT else len(rows)
    return Mine(True, list(groups.order_by("ref")), rows, total)


@dataclass(frozen=True)
class Told:
    """A change as a sentence: who, what, and where to look."""

    change: Change
    who: str
    is_person: bool
    action: str
    first: tuple[str, str]
    total: int
    more: str


def told(change: Change) -> Told:
    """Say a change in a few words, by its most frequent action."""
    entries = sorted(change.entries.items(), key=lambda item: -len(item[1]))
    action, first = entries[0]
    rest = [f"{len(listed)} {name}" for name, listed in entries[1:]]
    return Told(
        change=change,
        who=change.author_name or change.source_name,
        is_person=bool(change.author_name),
        action=action,
        first=first[0],
        total=len(first),
        more=", ".join(rest),
    )
