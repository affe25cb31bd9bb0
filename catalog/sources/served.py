"""What another Backstage serves of an entity, as a document of ours and remarks on it.

Relations are made here again from the spec. What the other side has beyond that is
said by its type alone: whoever sees this entity may not see the one at the other end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from catalog import refs
from catalog.entities import relations, secrecy
from catalog.entities.near_keys import METADATA_KEYS
from catalog.entities.problems import WARNING, Problem, shown
from catalog.kind import KINDS, relation_pairs

UID = "greenroom/backstage-uid"
# The catalog writes these two itself; where the other side has it from stays known.
_RENAMED = {
    "backstage.io/managed-by-location": "greenroom/backstage-managed-by-location",
    "backstage.io/managed-by-origin-location": (
        "greenroom/backstage-managed-by-origin-location"
    ),
}
# What a catalog makes and nobody writes.
_MADE = ("uid", "etag", "generation")
_MAX_MESSAGE = 500
_MAX_REMARKS = 20


def document_of(entity: Mapping[str, Any]) -> dict[str, Any]:
    """The document that its author could have written, in an order that people read."""
    document = {key: entity[key] for key in ("apiVersion", "kind") if key in entity}
    metadata = entity.get("metadata")
    if isinstance(metadata, dict):
        metadata = _metadata(metadata)
    document["metadata"] = metadata
    if "spec" in entity:
        document["spec"] = entity["spec"]
    return document


def _metadata(given: Mapping[str, Any]) -> dict[str, Any]:
    first = [key for key in METADATA_KEYS if key in given or key == "annotations"]
    rest = [key for key in given if key not in (*METADATA_KEYS, *_MADE)]
    made = {key: given.get(key) for key in (*first, *rest)}
    annotations = given.get("annotations") or {}
    if isinstance(annotations, dict):
        made["annotations"] = _annotations(annotations, given.get("uid"))
    if not made["annotations"]:
        del made["annotations"]
    return made


def _annotations(given: Mapping[str, Any], uid: Any) -> dict[str, Any]:
    # What the other side has from a third one gives way to what it says itself.
    replaced = {UID, *(new for old, new in _RENAMED.items() if old in given)}
    made = {_RENAMED.get(k, k): v for k, v in given.items() if k not in replaced}
    return {**made, UID: uid} if isinstance(uid, str) and uid else made


def remarks_on(
    entity: Mapping[str, Any], document: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """What the other side complains of, and which of its relations are not made."""
    found = [*_complaints(entity.get("status")), *_lost(entity, document)]
    return tuple(dict.fromkeys(found))[:_MAX_REMARKS]


def _complaints(status: Any) -> Iterator[Problem]:
    items = status.get("items") if isinstance(status, dict) else None
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict) or item.get("level") not in ("error", "warning"):
            continue
        message = " ".join(str(item.get("message") or item.get("type") or "").split())
        safe, _ = secrecy.withhold(_printable(message))
        yield Problem(
            "backstage-status",
            f"The other Backstage complains of it: {safe[:_MAX_MESSAGE]}",
            "Mend it there; what it serves is taken all the same.",
            WARNING,
        )


def _lost(entity: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Problem]:
    """Types of relations that a custom processor of the other side makes."""
    given = set(_relations(entity.get("relations")))
    if not given:
        return
    own = {(type_, target) for _, type_, target in _declared(document)}
    pairs = relation_pairs()
    known = {*pairs, *pairs.values()}
    lost = {
        type_
        for type_, target in given
        if type_ not in known or (type_ in _of_one_end() and (type_, target) not in own)
    }
    for type_ in sorted(lost):
        yield Problem(
            "backstage-relation",
            f"The other Backstage has a relation {shown(type_)} here that the document "
            "does not declare; it is not taken over.",
            "Relations are made from the spec: look there for this one.",
            WARNING,
        )


def _relations(given: Any) -> Iterator[tuple[str, str]]:
    for one in given if isinstance(given, list) else []:
        if isinstance(one, dict) and isinstance(one.get("type"), str):
            yield one["type"], _target(one).lower()


def _target(relation: Mapping[str, Any]) -> str:
    ref, target = relation.get("targetRef"), relation.get("target")
    if isinstance(ref, str):
        return ref
    # As old ones say it.
    target = target if isinstance(target, dict) else {}
    space = target.get("namespace") or refs.DEFAULT_NAMESPACE
    return f"{target.get('kind')}:{space}/{target.get('name')}"


def _declared(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    metadata, spec = document.get("metadata"), document.get("spec")
    is_whole = isinstance(metadata, dict) and isinstance(spec, dict | None)
    kind, name = document.get("kind"), is_whole and metadata and metadata.get("name")
    # What is none of this is refused when it is read.
    if is_whole and isinstance(kind, str) and isinstance(name, str):
        yield from relations.declared(document)


@cache
def _of_one_end() -> frozenset[str]:
    """The relations that only the entity itself can declare."""
    links = [marker for kind in KINDS.values() for _, marker in kind.links()]
    far = {marker.relation for marker in links if marker.reverse}
    return frozenset(marker.relation for marker in links) - far


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)
