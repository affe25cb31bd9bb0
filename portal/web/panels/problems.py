"""What is wrong with the text that was taken, with file, line and remedy."""

from __future__ import annotations

from catalog.entities.models import Finding
from portal.web.panel import MAIN, Context, Panel


class Problems(Panel):
    """The findings of an entity; a refused text has its own banner."""

    name = "problems"
    place, order = MAIN, 12

    def context(self) -> Context | None:
        found = [f for f in self.subject.findings if f.severity != Finding.ERROR]
        return {"findings": found} if found else None
