"""Eval: what is measured about a model, on which data, and how good is good enough."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalog import kind


class Metric(kind.Part):
    """One number that an eval gives."""

    name: kind.Text = Field(description="Its name.", examples=["faithfulness"])
    direction: Literal["higher", "lower"] = Field(description="Which way is better.")
    threshold: int | float | None = Field(None, description="Good enough from here on.")
    unit: str | None = Field(None, description="Its unit.", examples=["ms"])


class EvalSpec(kind.Spec):
    """Spec of an Eval."""

    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    lifecycle: kind.Text = Field(
        description="How far it is: experimental, production, deprecated."
    )
    category: Literal["quality", "safety", "drift", "performance"] = Field(
        description="What it looks at."
    )
    evaluates: list[Annotated[str, kind.RefTo("evaluates", "evaluatedBy", "Model")]] = (
        Field(min_length=1, description="The models or components it judges.")
    )
    dataset: Annotated[str, kind.RefTo("usesData", "dataUsedBy", "Resource")] | None = (
        Field(None, description="The dataset it runs on.")
    )
    split: str | None = Field(None, description="The part of it.", examples=["test"])
    metrics: list[Metric] | None = Field(None, description="The numbers it gives.")
    schedule: str | None = Field(None, description="How often.", examples=["weekly"])
    harness: str | None = Field(None, description="The tool that runs it.")
    system: kind.InSystem | None = Field(None, description="The system it is part of.")


class Eval(kind.Kind):
    """What is measured about a model."""

    name = "Eval"
    plural = "Evals"
    summary = "What is measured about a model, on which data, and its thresholds."
    icon = "flask-conical"
    api_versions = kind.OURS
    Spec = EvalSpec
