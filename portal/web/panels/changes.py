"""The newest changes of an entity."""

from __future__ import annotations

from catalog.entities import history
from catalog.entities.models import Revision
from portal.web.panel import MAIN, Context, Panel
from portal.web.subject import RECENT


class Changes(Panel):
    """The newest revisions, with how many lines differ."""

    name = "changes"
    place, order = MAIN, 90

    def context(self) -> Context | None:
        found = self.subject.newest_revisions
        if not found:
            return None
        before = [revision.text for revision in found[1:]] + [""]
        pairs = list(zip(found, before, strict=True))[:RECENT]
        return {"changes": [(new, _lines(new, old)) for new, old in pairs]}


def _lines(revision: Revision, before: str) -> int:
    """How many lines of the text came or went."""
    if revision.action != Revision.CHANGED:
        return 0
    return sum(line.kind in "+-" for line in history.difference(before, revision.text))
