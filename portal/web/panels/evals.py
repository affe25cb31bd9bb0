"""The evals that judge an entity: what they look at, on which data."""

from __future__ import annotations

from catalog.entities.models import Entity
from portal.web.panel import MAIN, Context, Panel


class Evals(Panel):
    """The far end of `evaluates`."""

    name = "evals"
    place, order = MAIN, 35

    def context(self) -> Context | None:
        listed = self.subject.visible("evaluatedBy")
        if not listed:
            return None
        rows = Entity.objects.visible_to(self.subject.viewer).defer("text", "final")
        evals = rows.filter(pk__in=[entity.pk for entity in listed])
        return {"evals": sorted(evals, key=lambda e: e.label.casefold())}
