"""Entities as model catalogs: one document for each server, one for models without.

Pure: what may be seen was decided by whoever brings the entities. What cannot be
expressed is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.sources.model_catalog import fields, naming, shape
from catalog.sources.model_catalog.fields import Data

# What a server is linked with that belongs into its document.
RELATIONS = ("dependsOn", "providesApi", "serves")


@dataclass(frozen=True)
class Seen:
    """An entity that may be seen: its reference and what it declares."""

    ref: str
    data: Data
    path: str = ""

    @property
    def kind(self) -> str:
        """Its kind."""
        kind: str = self.data["kind"]
        return kind

    @property
    def type(self) -> str:
        """Its type; empty where it has none."""
        found = (self.data.get("spec") or {}).get("type")
        return found if isinstance(found, str) else ""

    @property
    def is_server(self) -> bool:
        """Is it a model server?"""
        return (self.kind, self.type) == ("Component", "model-server")

    @property
    def is_model(self) -> bool:
        """Is it a model, in our form or in Backstage's?"""
        return self.kind == "Model" or (self.kind, self.type) == (
            "Resource",
            "ai-model",
        )


@dataclass(frozen=True)
class LeftOut:
    """An entity that the format cannot express, and why."""

    ref: str
    reason: str


@dataclass
class Export:
    """The documents, each with the server that it is of (empty for models without),
    and what was left out."""

    documents: list[tuple[str, Data]] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def write(found: Iterable[Seen], linked: Mapping[str, list[Seen]]) -> Export:
    """The export of what was found. `linked` are the entities around each server that
    may be seen too: its models in their order, and its APIs."""
    export, used = Export(), set()
    every = list(found)
    for server in (one for one in every if one.is_server):
        used.add(server.ref)
        document, parts = _of_server(server, linked.get(server.ref, []), export)
        used |= parts
        export.documents.append((server.ref, document))
    rest = [one for one in every if one.ref not in used]
    models = sorted((one for one in rest if one.is_model), key=_order)
    if models or not export.documents:
        export.documents.append(("", _of_models(models)))
    told = {one.ref for one in export.left_out}
    for one in rest:
        if not one.is_model and one.ref not in told:
            export.left_out.append(LeftOut(one.ref, _reason(one)))
    return export


def _order(one: Seen) -> tuple[str, int, str]:
    """Models of one document in the order that they had there."""
    at = fields.mark_of(one.data).get("at")
    return one.path, at if isinstance(at, int) else 0, one.ref


def _of_models(models: list[Seen]) -> Data:
    rest: Data = {}
    for one in models:
        rest |= _rest(one)
    written = [fields.restored(one.data, fields.MODEL) for one in models]
    return {"models": written, **rest}


def _rest(one: Seen) -> Data:
    """Keys of the document that only it knew."""
    found = fields.mark_of(one.data).get("rest")
    known = shape.Catalog.model_fields
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if key not in known}


def _of_server(
    server: Seen, around: list[Seen], export: Export
) -> tuple[Data, set[str]]:
    """The document of a server, and the references that went into it."""
    written = fields.restored(server.data, fields.SERVER)
    models = [one for one in around if one.is_model]
    used = {one.ref for one in models}
    for one in (one for one in around if one.kind == "API"):
        api, reason = _api(server, one)
        if api is not None and "API" not in written:
            written["API"] = api
            used.add(one.ref)
        else:
            reason = reason or "The format holds one API for each server."
            export.left_out.append(LeftOut(one.ref, reason))
    document = {
        "modelServer": written,
        "models": [fields.restored(one.data, fields.MODEL) for one in models],
        **_rest(server),
    }
    return document, used


def _api(server: Seen, one: Seen) -> tuple[Data | None, str]:
    """The API of a server, or why it cannot be expressed."""
    if one.type not in shape.API_TYPES:
        known = ", ".join(shape.API_TYPES)
        return None, f"Its type is {one.type}; the format knows {known}."
    found = fields.restored(one.data, fields.API)
    is_kept = fields.mark_of(one.data).get("text") is True
    if not (is_kept or naming.is_address(found.get("spec", ""))):
        return None, "Its definition is written out; the format holds an address of it."
    url = found.get("url", _url(server) or _url(one) or None)
    if url is None:
        return None, "Nothing says where it answers; the format needs its URL."
    return {**found, "url": url}, ""


def _url(one: Seen) -> str:
    """Where a server answers, as its link or its probe says."""
    links = one.data["metadata"].get("links") or []
    probes = one.data["spec"].get("probes") or []
    given: list[Any] = [
        *(link["url"] for link in links if link.get("title") == fields.ANSWERS),
        *(probe.get("url") for probe in probes),
    ]
    return next((url for url in given if isinstance(url, str) and url), "")


def _reason(one: Seen) -> str:
    if one.kind == "API":
        return "No model server that was found provides it."
    if one.kind in ("Component", "Resource"):
        wanted = "model-server" if one.kind == "Component" else "ai-model"
        return f"A {one.kind} of type {one.type}; the format takes type {wanted}."
    return f"The format has no place for a {one.kind}."
