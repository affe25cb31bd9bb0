"""What a group or a person answers for, groups inside the group included."""

from __future__ import annotations

from collections import Counter

from django.db.models import Case, Count, Exists, OuterRef, QuerySet, When

from catalog.entities import ownership
from catalog.entities.models import Entity, Relation
from catalog.entities.viewer import Viewer
from catalog.kind import KINDS
from portal.web.panel import MAIN, Context, Panel

SHOWN = 12


class Owned(Panel):
    """Owned entities: counts by kind, and the first of them."""

    name = "owned"
    place, order = MAIN, 10
    kinds = ("Group", "User")

    def context(self) -> Context | None:
        owners = self._owners()
        visible = Entity.objects.visible_to(self.subject.viewer)
        rows = visible.filter(owner__in=owners)
        counts = Counter(
            dict(rows.order_by().values_list("kind").annotate(number=Count("pk")))
        )
        direct = self._direct(rows)
        own_first = Case(When(owner=self.entity.ref, then=0), default=1)
        return {
            "owners": sorted(owners),
            "counts": [(_plural(k), k, n) for k, n in sorted(counts.items())],
            "total": counts.total(),
            "direct": direct,
            "rows": rows.light().order_by(own_first, "kind", "title", "name")[:SHOWN],
        }

    def _owners(self) -> frozenset[str]:
        """A group answers for its groups; a person only for what names them."""
        start = self.entity.ref
        if self.entity.kind != "Group":
            return frozenset({start})
        tree = ownership.group_tree(start)
        viewer = self.subject.viewer
        return tree if viewer.sees_all else _visible_tree(start, tree, viewer)

    def _direct(self, rows: QuerySet[Entity]) -> int:
        return rows.filter(owner=self.entity.ref).count()


def _visible_tree(start: str, tree: frozenset[str], viewer: Viewer) -> frozenset[str]:
    """The part of a tree of groups that can be reached without a hidden group."""
    visible = Entity.objects.visible_to(viewer)
    seen = set(visible.filter(ref__in=tree).values_list("ref", flat=True))
    rows = Relation.objects.filter(type="childOf", target_ref__in=tree)
    inside: dict[str, list[str]] = {}
    pairs = rows.filter(Exists(visible.filter(pk=OuterRef("declared_by")))).values_list(
        "target_ref", "source_ref"
    )
    for above, below in pairs:
        inside.setdefault(above, []).append(below)
    reached, frontier = {start}, [start]
    while frontier:
        new = {ref for above in frontier for ref in inside.get(above, ())} & seen
        frontier = sorted(new - reached)
        reached |= new
    return frozenset(reached)


def _plural(kind: str) -> str:
    return KINDS[kind].plural if kind in KINDS else kind
