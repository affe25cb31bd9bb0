"""Resource: something that components need and that is not code."""

from __future__ import annotations

from pydantic import Field

from catalog import kind


class ResourceSpec(kind.Spec):
    """Spec of a Resource."""

    type: kind.Text = Field(description="What sort of resource.", examples=["host"])
    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    lifecycle: str | None = Field(
        None, description="How far it is: experimental, production, deprecated."
    )
    system: kind.InSystem | None = Field(None, description="The system it is part of.")
    dependsOn: list[kind.Needs] | None = Field(
        None, description="What it does not work without; each with its kind."
    )
    dependencyOf: list[kind.NeededBy] | None = Field(
        None, description="What does not work without it; each with its kind."
    )
    runsOn: kind.RunsOn | list[kind.RunsOn] | None = Field(
        None, description="The host or hosts that it is part of or runs on."
    )
    probes: list[kind.Probe] | None = Field(
        None, description="How it is asked whether it works."
    )


class Resource(kind.Kind):
    """Something that components need and that is not code."""

    name = "Resource"
    plural = "Resources"
    summary = "A host, GPU, dataset, vector store, database or bucket."
    icon = "database"
    api_versions = kind.BACKSTAGE
    types = {
        "host": "A machine",
        "gpu": "A graphics processor",
        "dataset": "Data that trains or tests models",
        "vector-store": "An index of embeddings",
        "database": "A database",
        "ai-model": "A model, as Backstage knows it",
        "bucket": "Object storage",
    }
    Spec = ResourceSpec
