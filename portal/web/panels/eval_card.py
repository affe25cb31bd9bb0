"""What an eval measures: on which data, and from where on it is good enough."""

from __future__ import annotations

from portal.web.panel import MAIN, Context, Panel


class EvalCard(Panel):
    """The spec of an Eval."""

    name = "eval_card"
    place, order = MAIN, 10
    kinds = ("Eval",)

    def context(self) -> Context | None:
        spec = self.spec
        return {
            "category": spec.get("category"),
            "judged": self.subject.along("evaluates"),
            "data": self.subject.along("usesData"),
            "split": spec.get("split"),
            "schedule": spec.get("schedule"),
            "harness": spec.get("harness"),
            "metrics": spec.get("metrics") or [],
        }
