"""What a real Backstage made of a location: entities, relations, and all complaints.

Backstage answers 201 and then drops what it cannot take. So the export is registered,
all processing is waited for, everything is read back, and the log is read.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.backstage.backend import Backstage, NotReady

Relation = tuple[str, str, str]
ANNOTATIONS = frozenset(
    "backstage.io/" + name
    for name in ("managed-by-location", "managed-by-origin-location", "view-url")
)
# The Location entities that Backstage makes of what was registered.
GENERATED = "location:default/generated-"
# Lists of references that Backstage sorts; their order says nothing.
SORTED = frozenset(
    {"children", "consumesApis", "dependencyOf", "dependsOn"}
    | {"members", "memberOf", "providesApis"}
)
PAGE = 500
# Said once after the start, sooner or later: ours have no backend for events.
SET_UP = "Event subscribe request failed with status 404"


@dataclass(frozen=True)
class Complaint:
    """A warning or an error of the catalog in the log."""

    level: str
    message: str
    entity: str = ""
    location: str = ""

    def __str__(self) -> str:
        about = f" [{self.entity}]" if self.entity else ""
        return f"{self.level}{about}: {self.message}"


@dataclass
class Taken:
    """Everything that Backstage serves, and everything that it said against it.

    `errors` are the status items of entities that are served; `refused` are processing
    errors out of the database, of entities that may never have been served.
    """

    entities: dict[str, dict[str, Any]] = field(default_factory=dict)
    relations: set[Relation] = field(default_factory=set)
    complaints: list[Complaint] = field(default_factory=list)
    errors: dict[str, list[str]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)
    location: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def is_clean(self) -> bool:
        """Whether nothing at all was said against anything."""
        return not (self.complaints or self.errors or self.refused)


def compare(backstage: Backstage, url: str, limit: float = 120) -> Taken:
    """Register a URL, wait until all of it is processed, read everything back."""
    began, used = time.monotonic(), backstage.cpu_seconds()
    position = backstage.log.stat().st_size
    answer = backstage.ask(
        "POST", "/api/catalog/locations", {"type": "url", "target": url}
    )
    if answer.status != 201:
        text = answer.data.decode(errors="replace")
        raise NotReady(f"Backstage did not register {url}: {answer.status} {text}")
    settle(backstage, limit)
    taken = read_back(backstage, position)
    taken.location = answer.json()["location"]["id"]
    taken.seconds = time.monotonic() - began
    taken.cpu_seconds = backstage.cpu_seconds() - used
    return taken


def settle(backstage: Backstage, limit: float = 120) -> dict[str, Any]:
    """Wait until nothing is unprocessed, due or unstitched, and that twice the same.

    The first ingestion cannot slip through: see state.cjs. An entity that is processed
    again is not seen while it is in hand; for that the second look.
    """
    end = time.monotonic() + limit
    before: dict[str, Any] | None = None
    while True:
        state = backstage.state()
        busy = state["unprocessed"] or state["due"] or state["stitching"]
        if not busy and state == before:
            return state
        if time.monotonic() > end:
            raise NotReady(f"not settled after {limit:.0f} s: {state}")
        before = None if busy else state
        time.sleep(0.5)


def read_back(backstage: Backstage, position: int = 0) -> Taken:
    """All that is served now, and what the log says from a byte on."""
    taken = Taken()
    for entity in every_entity(backstage):
        ref = ref_of(entity)
        taken.entities[ref] = entity
        for relation in entity.get("relations", []):
            taken.relations.add((ref, relation["type"], relation["targetRef"]))
        items = entity.get("status", {}).get("items", [])
        if items:
            taken.errors[ref] = [item["message"] for item in items]
    for row in backstage.state()["failed"]:
        taken.refused[row["ref"]] = [spoken(error) for error in row["errors"]]
    taken.complaints = complaints(backstage, position)
    return taken


def every_entity(backstage: Backstage) -> Iterator[dict[str, Any]]:
    """Every entity, by the pages of the real API."""
    path = f"/api/catalog/entities/by-query?limit={PAGE}"
    while True:
        page = backstage.get(path)
        yield from page["items"]
        cursor = page["pageInfo"].get("nextCursor")
        if not cursor:
            return
        path = f"/api/catalog/entities/by-query?limit={PAGE}&cursor={cursor}"


def complaints(backstage: Backstage, position: int = 0) -> list[Complaint]:
    """Warnings and errors of the catalog in the log, from a byte on."""
    return [
        Complaint(
            line["level"],
            str(line.get("message", "")),
            str(line.get("entity") or ""),
            str(line.get("location") or ""),
        )
        for line in backstage.lines(position)
        if line.get("level") in ("warn", "error")
        and line.get("plugin") == "catalog"
        and not str(line.get("message", "")).startswith(SET_UP)
    ]


def spoken(error: Mapping[str, Any]) -> str:
    """A serialised error in one line."""
    return f"{error.get('name')}: {error.get('message')}"


def ref_of(entity: Mapping[str, Any]) -> str:
    """The reference of an entity as Backstage writes it, in lower case."""
    metadata = entity["metadata"]
    namespace = metadata.get("namespace", "default")
    return f"{entity['kind']}:{namespace}/{metadata['name']}".lower()


def difference(
    expected_entities: Mapping[str, Mapping[str, Any]],
    expected_relations: Collection[Relation],
    taken: Taken,
) -> list[str]:
    """Every way in which Backstage differs from what was meant, one line each.

    References are in lower case. Backstage's own additions are no difference.
    """
    theirs = {
        ref: entity
        for ref, entity in taken.entities.items()
        if not ref.startswith(GENERATED)
    }
    wanted = {ref.lower(): entity for ref, entity in expected_entities.items()}
    lines = [f"missing: {ref}" for ref in wanted if ref not in theirs]
    lines += [f"not expected: {ref}" for ref in theirs if ref not in wanted]
    for ref in sorted(wanted.keys() & theirs.keys()):
        lines += [f"{ref}: {line}" for line in changes(wanted[ref], theirs[ref])]
    relations = {(a.lower(), kind, b.lower()) for a, kind, b in expected_relations}
    for source, kind, target in sorted(relations - taken.relations):
        lines.append(f"missing relation: {source} {kind} {target}")
    for source, kind, target in sorted(taken.relations - relations):
        lines.append(f"relation not expected: {source} {kind} {target}")
    return lines + said(taken)


def said(taken: Taken) -> list[str]:
    """What Backstage said against it, one line each."""
    lines = [f"complaint: {complaint}" for complaint in taken.complaints]
    lines += [
        f"status of {ref}: {m}" for ref, found in taken.errors.items() for m in found
    ]
    lines += [
        f"refused {ref}: {m}" for ref, found in taken.refused.items() for m in found
    ]
    return lines


def changes(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    """The fields of one entity that came out different."""
    mine, yours = dict(flat(declared(ours))), dict(flat(declared(theirs)))
    for path in sorted(mine.keys() | yours.keys()):
        if path not in yours:
            yield f"{path} is gone, was {mine[path]!r}"
        elif path not in mine:
            yield f"{path} is new: {yours[path]!r}"
        elif mine[path] != yours[path] or type(mine[path]) is not type(yours[path]):
            yield f"{path} is {yours[path]!r}, not {mine[path]!r}"


def declared(entity: Mapping[str, Any]) -> dict[str, Any]:
    """An entity without what a server adds."""
    metadata = {"namespace": "default", **entity["metadata"]}
    for added in ("uid", "etag", "generation"):
        metadata.pop(added, None)
    annotations = {
        name: value
        for name, value in (metadata.pop("annotations", None) or {}).items()
        if name not in ANNOTATIONS
    }
    if annotations:
        metadata["annotations"] = annotations
    spec = {
        key: sorted(value, key=str)
        if key in SORTED and isinstance(value, list)
        else value
        for key, value in (entity.get("spec") or {}).items()
    }
    head = {key: entity.get(key) for key in ("apiVersion", "kind")}
    return {**head, "metadata": metadata, "spec": spec}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a document with their paths; an empty container is a leaf."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from flat(inner, f"{path}[{place}]")
    else:
        yield path, value
