"""Component: a piece of software that runs or is used."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from catalog import kind


class ComponentSpec(kind.Spec):
    """Spec of a Component."""

    type: kind.Text = Field(
        description="What sort of component.", examples=["model-server"]
    )
    lifecycle: kind.Text = Field(
        description="How far it is: experimental, production, deprecated.",
        examples=["production"],
    )
    owner: kind.GroupOwner = Field(
        description="The group or user that answers for it.", examples=["platform"]
    )
    system: kind.InSystem | None = Field(None, description="The system it is part of.")
    subcomponentOf: (
        Annotated[str, kind.RefTo("partOf", "hasPart", "Component")] | None
    ) = Field(None, description="The component it is part of.")
    providesApis: (
        list[Annotated[str, kind.RefTo("providesApi", "apiProvidedBy", "API")]] | None
    ) = Field(None, description="The APIs it offers.")
    consumesApis: (
        list[Annotated[str, kind.RefTo("consumesApi", "apiConsumedBy", "API")]] | None
    ) = Field(None, description="The APIs it calls.")
    dependsOn: list[kind.Needs] | None = Field(
        None,
        description="What it does not work without; each with its kind.",
        examples=[["resource:qdrant"]],
    )
    dependencyOf: list[kind.NeededBy] | None = Field(
        None, description="What does not work without it; each with its kind."
    )
    serves: list[Annotated[str, kind.RefTo("serves", "servedBy", "Model")]] | None = (
        Field(None, description="The models that it serves.")
    )
    runsOn: kind.RunsOn | list[kind.RunsOn] | None = Field(
        None, description="The host or hosts that it runs on."
    )
    probes: list[kind.Probe] | None = Field(
        None, description="How it is asked whether it works."
    )


class Component(kind.Kind):
    """A piece of software that runs or is used."""

    name = "Component"
    plural = "Components"
    summary = "A service, model server, agent, pipeline, workflow or website."
    icon = "box"
    api_versions = kind.BACKSTAGE
    types = {
        "service": "A program that answers requests",
        "model-server": "A server that runs models",
        "agent": "A program that acts with a model",
        "rag-pipeline": "Retrieval and generation",
        "workflow": "Steps that run on an event or a clock",
        "website": "Pages for people",
        "library": "Code that others build on",
    }
    Spec = ComponentSpec
