"""Which models an entity says it serves, by every name that a server may list.

From `serves` of a component, and from what a Model says of itself: its name, title,
source, and the id it is known by (`greenroom/model-id`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from catalog.entities.models import Entity, Relation

MODEL_ID = "greenroom/model-id"


def expected(refs: Iterable[str]) -> dict[str, list[list[str]]]:
    """For each of these entities the models it serves: all names of each. First comes
    the name that its own document gives: the others may be of a hidden model, and are
    for comparing only."""
    edges = Relation.objects.filter(type="serves", source_ref__in=list(refs))
    pairs = list(edges.order_by("pk").values_list("source_ref", "target_ref"))
    models = Entity.objects.filter(ref__in={target for _, target in pairs})
    names = {model.ref: names_of(model) for model in models}
    found: dict[str, list[list[str]]] = defaultdict(list)
    for source, target in dict.fromkeys(pairs):
        said = target.rpartition("/")[2]
        found[source].append(list(dict.fromkeys([said, *names.get(target, [])])))
    return dict(found)


def names_of(model: Entity) -> list[str]:
    """Every name that a server may list a model under, the best first."""
    annotations: dict[str, Any] = model.metadata.get("annotations") or {}
    versions = model.spec.get("versions") or []
    artifacts = [v.get("artifact") for v in versions if isinstance(v, dict)]
    said = [annotations.get(MODEL_ID), model.title, model.spec.get("source")]
    every = [*said, model.name, *artifacts]
    texts = [short_id(text) for text in every if isinstance(text, str) and text]
    return list(dict.fromkeys(texts))


def short_id(text: str) -> str:
    """The id in an address of a hub: the part that servers list."""
    path = text.partition("://")[2]
    if not path:
        return text
    parts = [part for part in path.split("/")[1:] if part]
    return "/".join(parts[:2]) or text
