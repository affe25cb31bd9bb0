"""A model catalog that holds to its format, as the entities that it becomes.

Three sorts: a Component of type model-server, which depends on a Resource of type
ai-model for each model, and an API that it provides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from catalog.entities.problems import WARNING, Path, Problem
from catalog.sources.model_catalog import fields, naming, shape
from catalog.sources.model_catalog.fields import Data

_ADDRESSES = ("artifactLocationURL", "howToUseURL", "homepageURL", "url")


@dataclass(frozen=True)
class Made:
    """One entity, and the object of the document that it came from."""

    at: Path
    data: Data


def entities(catalog: Data) -> list[Made]:
    """The entities of a document; the server first, then its API and the models."""
    models = catalog["models"]
    names = naming.names_of([one["name"] for one in models])
    server = catalog.get("modelServer")
    made = [
        *_server(server, [names[one["name"]] for one in models]),
        *_models(models, names),
    ]
    marks: list[Data] = [{} for _ in made]
    if server is None:
        # With a server, what it depends on tells the order.
        marks = [{"at": number} for number in range(len(made))]
    for (_, _, form, raw), mark in zip(made, marks, strict=True):
        if form is fields.API and not naming.is_address(raw["spec"]):
            mark["text"] = True
    known = shape.Catalog.model_fields
    if rest := {key: value for key, value in catalog.items() if key not in known}:
        for mark in marks[:1]:
            mark["rest"] = rest
    return [
        Made(at, fields.marked(data, form, raw, mark))
        for (at, data, form, raw), mark in zip(made, marks, strict=True)
    ]


Row = tuple[Path, Data, fields.Form, Data]


def _server(raw: Data | None, models: list[str]) -> Iterator[Row]:
    if raw is None:
        return
    at: Path = ("modelServer",)
    name = naming.name_of(raw["name"])
    component = fields.server(raw, name)
    needs = [f"resource:default/{one}" for one in models]
    if "API" in raw:
        component["spec"]["providesApis"] = [name]
        needs.append(f"api:default/{name}")
    if needs:
        component["spec"]["dependsOn"] = needs
    yield at, component, fields.SERVER, raw
    if "API" in raw:
        api = fields.with_login(fields.api(raw["API"], name), raw)
        if title := component["metadata"].get("title"):
            api["metadata"]["title"] = title
        spec = component["spec"]
        api["spec"] |= {"lifecycle": spec["lifecycle"], "owner": spec["owner"]}
        # What the README misnames is written as it is meant.
        meant = {**raw["API"], "type": api["spec"]["type"]}
        yield (*at, "API"), api, fields.API, meant


def _models(models: list[Data], names: dict[str, str]) -> Iterator[Row]:
    for number, raw in enumerate(models):
        data = fields.model(raw, names[raw["name"]])
        yield ("models", number), data, fields.MODEL, raw


def remarks(catalog: Data) -> Iterator[Problem]:
    """What of a document is kept, but shows in no field of its own."""
    for at, raw in _objects(catalog):
        for key in raw.get("annotations", {}):
            if not naming.is_key(key) or key == fields.MARK:
                yield _remark((*at, "annotations", key), "is no key of an annotation")
        for key in _ADDRESSES:
            value: Any = raw.get(key, "")
            if isinstance(value, str) and value and not naming.is_address(value):
                yield _remark((*at, key), "is no URL, so it makes no link")


def _objects(catalog: Data) -> Iterator[tuple[Path, Data]]:
    server = catalog.get("modelServer")
    if server is not None:
        yield ("modelServer",), server
        if "API" in server:
            yield ("modelServer", "API"), server["API"]
    for number, one in enumerate(catalog["models"]):
        yield ("models", number), one


def _remark(at: Path, said: str) -> Problem:
    return shape.complaint(at, f"{said}; it is kept and exported.", "", WARNING)
