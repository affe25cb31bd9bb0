"""What stands in the document for when it breaks: runbook, probe, documentation."""

from __future__ import annotations

from portal.web.addresses import web_address
from portal.web.panel import ASIDE, Context, Panel

# annotation, what people call it
_FACTS = (
    ("greenroom/runbook", "Runbook"),
    ("greenroom/probe", "Probe"),
    ("greenroom/host-agent", "Host agent"),
    ("backstage.io/techdocs-ref", "Documents"),
)


class Operations(Panel):
    """Runbook and probes, as declared. Nothing here is measured."""

    name = "operations"
    place, order = ASIDE, 30

    def context(self) -> Context | None:
        annotations = self.subject.annotations
        declared = [
            (title, annotations[key], web_address(annotations[key]))
            for key, title in _FACTS
            if annotations.get(key)
        ]
        return {"declared": declared} if declared else None
