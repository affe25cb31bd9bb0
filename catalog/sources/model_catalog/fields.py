"""The fields of a model catalog in an entity: put there, and found there again.

What an entity cannot hold as it was written stands in the annotation
`greenroom/model-catalog`; where nothing would be lost, there is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from catalog import refs
from catalog.sources.model_catalog import naming, shape

MARK = "greenroom/model-catalog"
TECHDOCS = "backstage.io/techdocs-ref"
UNKNOWN = "unknown"
PROSE = ("usage", "training", "ethics", "support")
_API_VERSION = "backstage.io/v1alpha1"
_AUTH = {True: "auth-required", False: "auth-not-required"}
_WEB = ("http", "https")
# The fields that are links: their titles, and the schemes that make one of them.
_ARTIFACT, _HOW, _LICENCE = "Artifact location", "How to use", "Licence"
_HOME, ANSWERS = "Homepage", "API"

Data = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """One object of the format as an entity: how it is built, and found again."""

    part: type[shape.Part]
    build: Callable[[Data, str], Data]
    find: Callable[[Data], Data]


def mark_of(data: Data) -> Data:
    """What the annotation of an entity says; empty where it has none that is good."""
    text = (data["metadata"].get("annotations") or {}).get(MARK, "")
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def marked(data: Data, form: Form, raw: Data, mark: Data) -> Data:
    """The entity with its mark: `mark` and what of `raw` would be lost without it."""
    found = form.find(data)
    kept = {k: v for k, v in raw.items() if k not in found or found[k] != v}
    kept.pop("API", None)
    said = {**mark, "kept": kept} if kept else mark
    if not said:
        return data
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    data["metadata"].setdefault("annotations", {})[MARK] = text
    return data


def restored(data: Data, form: Form) -> Data:
    """The object that an entity came from, with what was changed in it since."""
    found = form.find(data)
    kept = mark_of(data).get("kept")
    if not isinstance(kept, dict) or not shape.fits(form.part, {**found, **kept}):
        return found
    raw, name = {**found, **kept}, found.get("name", "")
    if name and not naming.belongs(raw["name"], name):
        name = naming.name_of(raw["name"])
    again = form.find(with_login(form.build(raw, name), data["spec"]))
    missing = object()
    same = (k for k in kept if again.get(k, missing) == found.get(k, missing))
    return {**found, **{key: kept[key] for key in same}}


def with_login(data: Data, raw: Data) -> Data:
    """The same, saying whether the server `raw` wants a login."""
    wants = raw.get("authentication")
    if isinstance(wants, bool):
        metadata = data["metadata"]
        metadata["tags"] = naming.tags_of([*metadata.get("tags", []), _AUTH[wants]])
        data["spec"]["authentication"] = wants
    return data


def _metadata(raw: Data, name: str, title: str) -> Data:
    metadata: Data = {"name": name}
    if title.strip() and title != name:
        metadata["title"] = title
    if "description" in raw:
        metadata["description"] = raw["description"]
    annotations = {
        key: value
        for key, value in raw.get("annotations", {}).items()
        if naming.is_key(key) and key != MARK
    }
    docs = annotations.get("TechDocs") or annotations.get("techdocs")
    if docs and naming.is_address(docs):
        annotations.setdefault(TECHDOCS, f"url:{docs}")
    if annotations:
        metadata["annotations"] = annotations
    if tags := naming.tags_of(raw.get("tags", [])):
        metadata["tags"] = tags
    return metadata


def _links(*given: tuple[str, str, tuple[str, ...]]) -> list[Data]:
    return [
        {"url": url, "title": title}
        for title, url, schemes in given
        if naming.is_address(url, schemes)
    ]


def _entity(kind: str, metadata: Data, links: list[Data], spec: Data) -> Data:
    if links:
        metadata["links"] = links
    return {
        "apiVersion": _API_VERSION,
        "kind": kind,
        "metadata": metadata,
        "spec": spec,
    }


def server(raw: Data, name: str) -> Data:
    """A Component for a model server, without what it needs and offers."""
    links = _links(
        (ANSWERS, raw.get("API", {}).get("url", ""), ()),
        (_HOME, raw.get("homepageURL", ""), ()),
    )
    spec: Data = {
        "type": "model-server",
        "lifecycle": raw["lifecycle"],
        "owner": naming.owner_of(raw["owner"]),
    }
    spec |= {"usage": raw["usage"]} if "usage" in raw else {}
    made = _entity("Component", _metadata(raw, name, raw["name"]), links, spec)
    return with_login(made, raw)


def model(raw: Data, name: str) -> Data:
    """A Resource for a model."""
    links = _links(
        (_ARTIFACT, raw.get("artifactLocationURL", ""), ()),
        (_HOW, raw.get("howToUseURL", ""), ()),
        (_LICENCE, raw.get("license", ""), _WEB),
    )
    spec: Data = {
        "type": "ai-model",
        "lifecycle": raw["lifecycle"],
        "owner": naming.owner_of(raw["owner"]),
    }
    spec |= {key: raw[key] for key in ("license", *PROSE) if key in raw}
    return _entity("Resource", _metadata(raw, name, raw["name"]), links, spec)


def api(raw: Data, name: str) -> Data:
    """An API, without the owner and lifecycle of its server."""
    kind = shape.MEANT if raw["type"] == shape.MISNAMED else raw["type"]
    links = _links((ANSWERS, raw["url"], ()))
    spec: Data = {"type": kind, "definition": raw["spec"]}
    return _entity("API", _metadata(raw, name, ""), links, spec)


def _found(data: Data) -> Data:
    """Tags and annotations of an entity, as the format has them."""
    metadata, spec = data["metadata"], data.get("spec") or {}
    found: Data = {}
    needs_login = spec.get("authentication")
    ours = _AUTH[needs_login] if isinstance(needs_login, bool) else ""
    if tags := [tag for tag in metadata.get("tags") or [] if tag != ours]:
        found["tags"] = tags
    annotations = dict(metadata.get("annotations") or {})
    annotations.pop(MARK, None)
    docs = annotations.get("TechDocs") or annotations.get("techdocs")
    if docs and annotations.get(TECHDOCS) == f"url:{docs}":
        del annotations[TECHDOCS]
    if annotations:
        found["annotations"] = annotations
    return found


def _named(data: Data) -> Data:
    """What every server and model says."""
    metadata, spec = data["metadata"], data.get("spec") or {}
    space = metadata.get("namespace") or refs.DEFAULT_NAMESPACE
    return {
        "name": metadata["name"],
        "owner": naming.owner_in(spec["owner"], space),
        "lifecycle": spec.get("lifecycle") or UNKNOWN,
        "description": metadata.get("description", ""),
        **_found(data),
        **{key: spec[key] for key in PROSE if isinstance(spec.get(key), str)},
    }


def _linked(data: Data, **titles: str) -> Iterator[tuple[str, str]]:
    links = {
        link.get("title"): link["url"]
        for link in reversed(data["metadata"].get("links") or [])
    }
    for key, title in titles.items():
        if title in links:
            yield key, links[title]


def find_server(data: Data) -> Data:
    """A model server of the format, as a Component says it; without its API."""
    spec = data["spec"]
    found = _named(data)
    for key in PROSE[1:]:
        found.pop(key, None)
    if isinstance(spec.get("authentication"), bool):
        found["authentication"] = spec["authentication"]
    return found | dict(_linked(data, homepageURL=_HOME))


def find_model(data: Data) -> Data:
    """A model of the format, as a Resource or a Model says it."""
    spec = data["spec"]
    found = _named(data)
    if isinstance(spec.get("intendedUse"), str):
        found.setdefault("usage", spec["intendedUse"])
    if isinstance(spec.get("source"), str) and naming.is_address(spec["source"]):
        found["artifactLocationURL"] = spec["source"]
    if isinstance(spec.get("license"), str):
        found["license"] = spec["license"]
    return found | dict(_linked(data, artifactLocationURL=_ARTIFACT, howToUseURL=_HOW))


def find_api(data: Data) -> Data:
    """The API of a server, as an API says it, as far as it does."""
    spec = data["spec"]
    found: Data = {"type": spec["type"], **_found(data)}
    if isinstance(spec.get("definition"), str):
        found["spec"] = spec["definition"]
    return found | dict(_linked(data, url=ANSWERS))


SERVER = Form(shape.ModelServer, server, find_server)
MODEL = Form(shape.Model, model, find_model)
API = Form(shape.ServerApi, api, find_api)
