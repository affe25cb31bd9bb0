"""Drift: where what was seen is not what is declared, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import Viewer
from catalog.probes import consumed
from catalog.probes.differences import TITLES
from catalog.probes.models import Probe
from portal.accounts.models import Role
from portal.web.gate import allows, viewer_of

LIMIT = 200


@dataclass(frozen=True)
class Row:
    """One difference, and the entity that it is about."""

    finding: Finding
    entity: Entity
    owner: Entity | None

    @property
    def title(self) -> str:
        """What kind of difference it is."""
        return TITLES[self.finding.code]


@require_safe
def drift(request: HttpRequest) -> HttpResponse:
    """Every difference that the reader may see, newest first."""
    viewer = viewer_of(request)
    chosen = {key: request.GET.get(key, "") for key in ("code", "owner")}
    visible = findings.open_for(viewer).filter(code__in=TITLES, source=None)
    rows, owners = rows_of(visible, viewer, chosen)
    codes = set(visible.order_by().values_list("code", flat=True).distinct())
    context = {
        "rows": rows[:LIMIT],
        "total": len(rows),
        "codes": [(code, title) for code, title in TITLES.items() if code in codes],
        "owners": owners,
        "chosen": chosen,
        "consumed": [] if any(chosen.values()) else consumed.dead(viewer)[:LIMIT],
        "ignored": findings.ignored_for(viewer).filter(code__in=TITLES)[:LIMIT],
        "probed": probed(viewer),
        "can_edit": allows(request, Role.EDITOR),
    }
    return render(request, "pages/drift.html", context)


def rows_of(
    visible: QuerySet[Finding], viewer: Viewer, chosen: dict[str, str]
) -> tuple[list[Row], list[tuple[str, str]]]:
    """The differences as they are filtered, and the owners that there are."""
    found = list(visible.order_by("-since", "pk"))
    entities = Entity.objects.visible_to(viewer).light()
    by_ref = {e.ref: e for e in entities.filter(ref__in={f.subject for f in found})}
    owners = {
        e.ref: e for e in entities.filter(ref__in={e.owner for e in by_ref.values()})
    }
    rows = [
        Row(one, by_ref[one.subject], owners.get(by_ref[one.subject].owner))
        for one in found
        if one.subject in by_ref
    ]
    present = {row.owner.ref: row.owner.label for row in rows if row.owner}
    kept = [row for row in rows if _is_chosen(row, chosen)]
    return kept, sorted(present.items(), key=lambda pair: pair[1].casefold())


def _is_chosen(row: Row, chosen: dict[str, str]) -> bool:
    if chosen["code"] and row.finding.code != chosen["code"]:
        return False
    return not chosen["owner"] or row.entity.owner == chosen["owner"]


def probed(viewer: Viewer) -> tuple[int, int]:
    """How many entities are probed, of how many that the reader may see."""
    visible = Entity.objects.visible_to(viewer)
    known = Probe.objects.values("identity_id")
    countable = visible.exclude(Q(kind__in=findings.NEED_NO_OWNER))
    return visible.filter(pk__in=known).count(), countable.count()
