"""How much needs attention, counted in the columns: the same at any size of catalog."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.entities import findings
from catalog.entities.models import Entity, Finding
from catalog.entities.viewer import Viewer
from catalog.query import columns


@dataclass(frozen=True)
class Attention:
    """Counts of what is not as it should be, for one viewer."""

    errors: int
    warnings: int
    orphans: int
    unowned: int
    dangling: int

    @property
    def total(self) -> int:
        """All but the warnings, which can wait."""
        return self.errors + self.orphans + self.unowned + self.dangling


def attention(viewer: Viewer) -> Attention:
    """The counts of what catalog.entities.findings lists."""
    table = columns.current()
    seen = table.visible_to(viewer)
    found = findings.severities(viewer)
    return Attention(
        errors=found.get(Finding.ERROR, 0),
        warnings=found.get(Finding.WARNING, 0),
        orphans=(table.orphans & seen).bit_count(),
        unowned=(table.unowned(seen) & seen).bit_count(),
        dangling=len(findings.dangling(viewer)),
    )


def unowned(viewer: Viewer, limit: int) -> list[Entity]:
    """The first entities by title without an owner that the viewer can see."""
    table = columns.current()
    seen = table.visible_to(viewer)
    keys = table.page(table.unowned(seen) & seen, "title", 0, limit)
    rows = Entity.objects.light().in_bulk(keys)
    return [rows[key] for key in keys if key in rows]
