"""From a document to the rows of the catalog: columns, attributes, edges, audience."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.entities import decisions, relations
from catalog.entities.models import (
    Attribute,
    Audience,
    Entity,
    Identity,
    Relation,
)
from catalog.sources.candidates import Candidate
from catalog.sources.limits import Sight
from catalog.sources.models import Source

UPDATED = (
    "api_version",
    "kind",
    "namespace",
    "name",
    "title",
    "description",
    "type",
    "owner",
    "lifecycle",
    "system",
    "tier",
    "data_class",
    "exposure",
    "cost_centre",
    "audience",
    "source",
    "path",
    "line",
    "text",
    "document",
    "final",
    "digest",
    "etag",
    "orphan_since",
    "changed_at",
)
# What depends on the place of a document, and not on what it says.
ENVELOPE = ("apiVersion", "kind", "metadata")
MOVED = ("audience", "source", "path", "line", "final", "etag", "orphan_since")
_MAX_VALUE = 300
# PostgreSQL indexes at most one megabyte of words.
_MAX_PASSAGE = 100_000


def entity_row(
    candidate: Candidate,
    identity: Identity,
    source: Source,
    sight: Sight,
    now: Any,
    said: Mapping[str, str] | None = None,
) -> Entity:
    """The row of one document: `sight` is who may see it in this source, `said` what
    others say over it."""
    data = candidate.data
    metadata, spec = data["metadata"], data.get("spec") or {}
    final = final_document(candidate, identity, source)
    return Entity(
        identity=identity,
        ref=candidate.ref,
        api_version=data["apiVersion"],
        kind=data["kind"],
        namespace=candidate.namespace,
        name=metadata["name"],
        title=_text(metadata.get("title") or _display_name(spec), 300),
        description=_text(metadata.get("description"), 100_000),
        type=_text(spec.get("type"), 100),
        owner=relations.owner_of(data),
        lifecycle=_text(spec.get("lifecycle"), 100),
        system=relations.system_of(data),
        audience=sight.audience,
        source=source,
        path=candidate.doc.path,
        line=candidate.doc.line if candidate.doc.path else 1,
        text=candidate.doc.text,
        document=_json(data),
        final=final,
        digest=candidate.digest,
        etag=hashlib.sha1(final.encode(), usedforsecurity=False).hexdigest(),
        orphan_since=None,
        created_at=now,
        changed_at=now,
        **decisions.columns(data, said),
    )


def final_document(candidate: Candidate, identity: Identity, source: Source) -> str:
    """What is served: the document with what the catalog adds, without relations."""
    data = candidate.data
    where = f"{source.provider}:{candidate.doc.path or source.name}"
    added = {
        "backstage.io/managed-by-location": where,
        "backstage.io/managed-by-origin-location": f"{source.provider}:{source.target}",
    }
    # First, so that the text can be added to at a known place.
    own = {"namespace": candidate.namespace, "uid": str(identity.uid)}
    metadata = {
        **own,
        **data["metadata"],
        **own,
        "annotations": {**(data["metadata"].get("annotations") or {}), **added},
    }
    head = {"apiVersion": data["apiVersion"], "kind": data["kind"]}
    rest = {key: value for key, value in data.items() if key not in ENVELOPE}
    return _json({**head, "metadata": metadata, **rest})


def audience_rows(entity: Entity, sight: Sight) -> Iterator[Audience]:
    """Who is named where an entity is restricted."""
    for principal in sight.principals:
        yield Audience(entity=entity, principal=principal)


def attribute_rows(entity: Entity, data: dict[str, Any]) -> Iterator[Attribute]:
    """Tags, labels and annotations that are short enough to filter by."""
    metadata = data["metadata"]
    for tag in dict.fromkeys(metadata.get("tags") or []):
        yield Attribute(entity=entity, key="tag", value=tag)
    for name in ("label", "annotation"):
        for key, value in (metadata.get(f"{name}s") or {}).items():
            if len(value) <= _MAX_VALUE:
                yield Attribute(entity=entity, key=f"{name}.{key}", value=value)


def relation_rows(entity: Entity, data: dict[str, Any]) -> Iterator[Relation]:
    """Every edge that the document declares, once."""
    for source, type_, target in sorted(set(relations.declared(data))):
        yield Relation(
            declared_by=entity, source_ref=source, type=type_, target_ref=target
        )


def passage_of(entity: Entity, data: dict[str, Any]) -> tuple[int, str, str]:
    """(key, name and title, everything else worth finding) for the full text."""
    metadata, spec = data["metadata"], data.get("spec") or {}
    head = f"{entity.name} {entity.title}"
    profile = spec.get("profile") if isinstance(spec.get("profile"), dict) else {}
    rest = [
        entity.description,
        entity.kind,
        entity.type,
        entity.owner.rpartition("/")[2],
        entity.system.rpartition("/")[2],
        *(metadata.get("tags") or []),
        *(str(value) for value in (profile or {}).values()),
        *(link.get("title", "") for link in metadata.get("links") or []),
    ]
    return entity.pk, head, " ".join(rest)[:_MAX_PASSAGE]


def _display_name(spec: dict[str, Any]) -> Any:
    profile = spec.get("profile")
    return profile.get("displayName") if isinstance(profile, dict) else None


def _text(value: Any, limit: int) -> str:
    return value[:limit] if isinstance(value, str) else ""


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
