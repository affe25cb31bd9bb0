"""The model card: where a model comes from, what it is for, what it is not fit for."""

from __future__ import annotations

from typing import Any

from portal.web.addresses import web_address
from portal.web.panel import MAIN, Context, Panel


class ModelCard(Panel):
    """What the spec of a Model says beside its versions."""

    name = "model_card"
    place, order = MAIN, 40
    kinds = ("Model",)

    def context(self) -> Context | None:
        spec = self.spec
        card: dict[str, Any] = {
            "base": self.subject.along("derivedFrom"),
            "derivation": spec.get("derivation"),
            "derived": self.subject.visible("baseOf"),
            "data": self.subject.along("usesData"),
            "license": spec.get("license"),
            "source": spec.get("source"),
            "source_href": web_address(spec.get("source")),
            "tasks": spec.get("tasks") or [],
            "languages": spec.get("languages") or [],
            "intended": spec.get("intendedUse"),
            "limitations": spec.get("limitations"),
        }
        return card if any(card.values()) else None
