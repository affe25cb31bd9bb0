"""API: a contract that components provide and consume."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from catalog import kind


class Remote(kind.Part):
    """An address of an MCP server."""

    type: kind.Text = Field(description="The transport.", examples=["streamable-http"])
    url: kind.Text = Field(description="Where it answers.")


class ApiSpec(kind.Spec):
    """Spec of an API."""

    type: kind.Text = Field(description="What sort of contract.", examples=["openapi"])
    lifecycle: kind.Text = Field(
        description="How far it is: experimental, production, deprecated."
    )
    owner: kind.GroupOwner = Field(description="The group or user that answers for it.")
    definition: kind.Text | dict[str, object] | None = Field(
        None, description="The contract itself, or $text: with where it lies."
    )
    system: kind.InSystem | None = Field(None, description="The system it is part of.")
    remotes: list[Remote] | None = Field(
        None, description="Where an MCP server answers (type mcp-server)."
    )
    probes: list[kind.Probe] | None = Field(
        None, description="How it is asked whether it works."
    )

    @model_validator(mode="after")
    def _has_a_contract(self) -> ApiSpec:
        of_server = self.type == "ai-model-server" or (
            self.type == "mcp-server" and self.remotes
        )
        if self.definition is None and not of_server:
            raise PydanticCustomError("missing", "Field required", {"at": "definition"})
        return self


class Api(kind.Kind):
    """A contract that components provide and consume."""

    name = "API"
    plural = "APIs"
    summary = "A contract between components, such as OpenAPI or an MCP server."
    icon = "code"
    api_versions = kind.BACKSTAGE
    types = {
        "openapi": "HTTP, described by OpenAPI",
        "asyncapi": "Messages, described by AsyncAPI",
        "graphql": "GraphQL",
        "grpc": "gRPC",
        "mcp-server": "Tools for agents over MCP",
        "ai-model-server": "Where models answer, in Backstage's draft form",
    }
    Spec = ApiSpec
