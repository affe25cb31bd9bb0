"""A plain Backstage: only kinds and relations that it has without any module.

Our kinds become Resources; our relations become `dependsOn`. What they said besides
stays as extra keys of the spec, which Backstage keeps.
"""

from __future__ import annotations

import json
from typing import Any

from catalog.entities.relations import links_of
from catalog.kind import BACKSTAGE, KINDS, RefTo
from portal.projections import metadata
from portal.projections.profile import UNKNOWN, Draft, Profile

Links = tuple[tuple[str, RefTo], ...]
VERSION = BACKSTAGE[0]
# What our kinds are as Resources; others go by their own name.
TYPES = {"Model": "ai-model", "ModelVersion": "ai-model-version", "Eval": "ai-eval"}
# The fields that a plain Backstage makes relations of.
RELATING = {
    "Component": (
        *("owner", "system", "subcomponentOf", "providesApis", "consumesApis"),
        *("dependsOn", "dependencyOf"),
    ),
    "API": ("owner", "system"),
    "Resource": ("owner", "system", "dependsOn", "dependencyOf"),
    "System": ("owner", "domain"),
    "Domain": ("owner", "subdomainOf"),
    "Group": ("parent", "children", "members"),
    "User": ("memberOf",),
}
# Needed, if only as empty lists.
LISTS = ("children", "memberOf", "skills", "plugins")
_FILLED_IN = {"$text", "$json", "$yaml", "$openapi", "$asyncapi"}


class Stock(Profile):
    """The default."""

    name = "stock"
    title = "Plain Backstage"
    summary = (
        "Models and evals become Resources, our relations become dependsOn. Works with "
        "every Backstage."
    )

    @classmethod
    def becomes(cls, kind: str) -> str:
        """Its own kinds stay; ours become Resources."""
        if kind in RELATING:
            return kind
        known = KINDS.get(kind)
        is_ours = known is not None and known.api_versions != BACKSTAGE
        return "Resource" if is_ours else ""

    @classmethod
    def reason(cls, kind: str) -> str:
        """Locations and the kinds of others are left out."""
        if kind == "Location":
            return (
                "A Location says where Greenroom reads. Backstage reads this export "
                "instead."
            )
        return f"A plain Backstage does not know the kind {kind}."

    @classmethod
    def kinds(cls) -> list[str]:
        """All that it knows; Group and User are not allowed by default."""
        return ["Location", *RELATING]

    @classmethod
    def links(cls, kind: str) -> Links:
        """The fields of a kind's spec that name entities."""
        return links_of(kind)

    @classmethod
    def relating(cls, kind: str) -> tuple[str, ...]:
        """The fields that this Backstage makes relations of."""
        return RELATING[kind]

    @classmethod
    def shape(cls, draft: Draft) -> dict[str, Any]:
        """The document with valid names, and with relations that Backstage makes."""
        kind = cls.becomes(draft.kind)
        made = metadata.shape(draft)
        spec = draft.spec
        if kind != draft.kind:
            _as_resource(draft)
        _relate(draft, cls.links(draft.kind), cls.relating(kind))
        if kind == "API":
            add_definition(spec)
        version = draft.data["apiVersion"]
        return {
            "apiVersion": version if version in BACKSTAGE else VERSION,
            "kind": kind,
            "metadata": made,
            "spec": without_placeholders(spec),
        }


def _as_resource(draft: Draft) -> None:
    """Its own type stays beside that of the Resource."""
    spec, kind = draft.spec, draft.kind
    own = spec.pop("type", None)
    if own is not None:
        spec[f"{kind[0].lower()}{kind[1:]}Type"] = own
    head = {"type": TYPES.get(kind, kind.lower())}
    rest = dict(spec)
    spec.clear()
    spec |= {**head, **rest}
    if isinstance(spec.get("versions"), list):
        spec["versions"] = [_version(draft, one) for one in spec["versions"]]


def _version(draft: Draft, version: Any) -> Any:
    """What a version names, in the words of the export."""
    if not isinstance(version, dict):
        return version
    made = dict(version)
    if "baseModel" in made:
        made["baseModel"] = draft.refer(made["baseModel"], "Model")
    if isinstance(made.get("evals"), list):
        found = [draft.refer(one, "Eval") for one in made["evals"]]
        made["evals"] = [one for one in found if one]
    return {key: value for key, value in made.items() if value not in ("", [])}


def _relate(draft: Draft, links: Links, relating: tuple[str, ...]) -> None:
    """Each reference in the words of the export; ours are added to `dependsOn`."""
    spec = draft.spec
    before: list[str] = []
    after: list[str] = []
    for name, marker in links:
        if name not in spec:
            continue
        found = draft.refer_field(spec[name], marker)
        if found or name in LISTS:
            spec[name] = found
        else:
            del spec[name]
        if name not in relating and found:
            ends = found if isinstance(found, list) else [found]
            (after if marker.reverse else before).extend(ends)
    for name, more in (("dependsOn", before), ("dependencyOf", after)):
        if more and name in relating:
            spec[name] = list(dict.fromkeys([*_listed(spec.get(name)), *more]))
    if "owner" in relating and not spec.get("owner"):
        spec["owner"] = UNKNOWN
        draft.notes.append(f"Its owner is not in this export; it says “{UNKNOWN}”.")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def add_definition(spec: dict[str, Any]) -> None:
    """A definition that is a text: with `remotes` beside it, both set-ups take it."""
    definition = spec.get("definition")
    if not definition:
        facts = {
            key: value
            for key, value in spec.items()
            if key not in ("owner", "system", "lifecycle", "definition", "probes")
        }
        definition = facts
    if not isinstance(definition, str):
        definition = json.dumps(definition, ensure_ascii=False, indent=2)
    spec["definition"] = definition


def without_placeholders(value: Any) -> Any:
    """Backstage would fetch what `{$text: …}` names: it becomes a text."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)) in _FILLED_IN:
            return json.dumps(value, ensure_ascii=False)
        return {key: without_placeholders(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_placeholders(inner) for inner in value]
    return value
