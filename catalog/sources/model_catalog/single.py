"""The single-entity shape: one AiModelServerAPI for a server and its models.

Red Hat's provider writes it since its version 1.0. It is known by its kind, or, in the
form that Backstage discusses, as an API of type ai-model-server with a `serverUrl`.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from catalog import refs
from catalog.entities.problems import Path, Problem
from catalog.sources.model_catalog import building, fields, naming, shape
from catalog.sources.model_catalog.building import Made
from catalog.sources.model_catalog.fields import Data

KIND, TYPE = "AiModelServerAPI", "ai-model-server"
_SERVER_TYPE, _DEFAULT = "rhdh.io/serverType", "rhdh.io/default"


class Models(shape.Part):
    """The models of the server."""

    available: list[shape.Filled] = Field([], description="Their names.")
    default: str = Field("", description="The one that answers unasked.")


class Spec(shape.Part):
    """The spec of the single entity."""

    lifecycle: shape.Filled = Field(description="How far it is.")
    owner: shape.Filled = Field(description="Who answers for it.")
    serverType: shape.Filled = Field(description="What sort of server.")
    serverUrl: shape.Filled = Field(description="Where it answers.")
    system: str = Field("", description="The system it is part of.")
    apiEntityRef: str = Field("", description="The API that it provides.")
    requiresApiKey: bool = Field(False, description="Does it want a key?")
    models: Models = Field(default=shape.NOT_GIVEN, description="Its models.")


class Metadata(shape.Part):
    """The metadata of the single entity, as far as they are read."""

    name: shape.Filled = Field(description="Its name.")
    description: str = Field("", description="What it is for.")
    tags: list[str] = Field([], description="Words that it is found by.")
    annotations: dict[str, str] = Field({}, description="Keys with texts.")


class Entity(shape.Part):
    """The single entity."""

    metadata: Metadata = Field(description="Its name and what it is for.")
    spec: Spec = Field(description="Its server and models.")


def is_single(data: Any) -> bool:
    """Is this document one?"""
    if not isinstance(data, dict) or "apiVersion" not in data:
        return False
    spec = data.get("spec")
    if data.get("kind") == KIND:
        return True
    if data.get("kind") != "API" or not isinstance(spec, dict):
        return False
    return spec.get("type") == TYPE and "serverUrl" in spec


def check(data: Any) -> list[Problem]:
    """Everything that is wrong with it."""
    found = shape.problems_of(Entity, data)
    return found or list(_same_models(data))


def _same_models(data: Data) -> list[Problem]:
    names = data["spec"].get("models", {}).get("available", [])
    return [
        shape.complaint(("spec", "models", "available", number), "stands twice.")
        for number, name in enumerate(names)
        if name in names[:number]
    ]


def entities(data: Data) -> list[Made]:
    """The server and its models as the format of the JSON would have them; the API,
    where one is named, is declared elsewhere."""
    metadata, spec = data["metadata"], data["spec"]
    common = {"owner": spec["owner"], "lifecycle": spec["lifecycle"]}
    server = {
        **common,
        "name": metadata["name"],
        "description": metadata.get("description", ""),
        "tags": metadata.get("tags", []),
        "annotations": _annotations(data),
    }
    if "requiresApiKey" in spec:
        server["authentication"] = spec["requiresApiKey"]
    names = spec.get("models", {}).get("available", [])
    models = [{**common, "name": name, "description": ""} for name in names]
    made = building.entities({"modelServer": server, "models": models})
    _complete(made[0].data, spec)
    return [Made(_origin(one), one.data) for one in made]


def _origin(made: Made) -> Path:
    if made.at[0] == "models":
        return ("spec", "models", "available", made.at[1])
    return ()


def _annotations(data: Data) -> dict[str, str]:
    """Its own, and what of the server has no other place."""
    spec = data["spec"]
    found = dict(data["metadata"].get("annotations", {}))
    found.setdefault(_SERVER_TYPE, spec["serverType"])
    if default := spec.get("models", {}).get("default"):
        found.setdefault(_DEFAULT, default)
    return found


def _complete(component: Data, spec: Data) -> None:
    """What only the single entity says: where it answers, its system, its API."""
    if naming.is_address(spec["serverUrl"]):
        link = {"url": spec["serverUrl"], "title": fields.ANSWERS}
        component["metadata"].setdefault("links", []).insert(0, link)
    if system := spec.get("system"):
        component["spec"]["system"] = _reference(system, "system")
    if api := spec.get("apiEntityRef"):
        component["spec"]["providesApis"] = [_reference(api, "api")]


def _reference(raw: str, kind: str) -> str:
    try:
        return str(refs.parse(raw, kind=kind))
    except refs.RefError:
        return f"{kind}:{refs.DEFAULT_NAMESPACE}/{naming.name_of(raw)}"
