"""A Backstage with its module for AI: it knows AiResource, and wants `remotes`."""

from __future__ import annotations

from typing import Any

from catalog.kind import RefTo
from portal.projections.profiles.stock import Links, Stock

AI_RESOURCE = "AiResource"
_LINKS: Links = (
    ("owner", RefTo("ownedBy", "ownerOf", "Group")),
    ("system", RefTo("partOf", "hasPart", "System")),
    ("dependsOn", RefTo("dependsOn", "dependencyOf", AI_RESOURCE)),
    ("skills", RefTo("hasSkill", "skillOf", AI_RESOURCE)),
    ("plugins", RefTo("hasPlugin", "pluginOf", AI_RESOURCE)),
)
# What an AiResource of some types has to say besides; a list may be empty.
_NEEDED: dict[str, dict[str, type]] = {
    "rule": {"category": str, "rationale": str},
    "plugin": {"skills": list},
    "marketplace": {"plugins": list},
}


class AiModel(Stock):
    """As the plain one, and with the kind AiResource.

    Models stay Resources: an AiResource that is no skill has no `dependsOn`.
    """

    name = "ai-model"
    title = "Backstage with the AI module"
    summary = (
        "As the plain one, and AiResources go out too. For instances with "
        "@backstage/plugin-catalog-backend-module-ai-model."
    )

    @classmethod
    def becomes(cls, kind: str) -> str:
        """AiResource is known there."""
        return kind if kind == AI_RESOURCE else super().becomes(kind)

    @classmethod
    def reason(cls, kind: str) -> str:
        """Said of the kinds that it does not know either."""
        return super().reason(kind).replace("A plain Backstage", "This Backstage")

    @classmethod
    def links(cls, kind: str) -> Links:
        """Those of AiResource too."""
        return _LINKS if kind == AI_RESOURCE else super().links(kind)

    @classmethod
    def relating(cls, kind: str) -> tuple[str, ...]:
        """Those of AiResource too."""
        if kind == AI_RESOURCE:
            return tuple(name for name, _ in _LINKS)
        return super().relating(kind)

    @classmethod
    def refusal(cls, made: dict[str, Any]) -> str:
        """An MCP server has to say where it answers, an AiResource what it is."""
        spec = made["spec"]
        if made["kind"] == AI_RESOURCE and (lacking := _lacking(spec)):
            return lacking
        is_mcp = made["kind"] == "API" and spec.get("type") == "mcp-server"
        if is_mcp and not spec.get("remotes"):
            return "With the AI module an mcp-server needs spec.remotes."
        return super().refusal(made)

    @classmethod
    def kinds(cls) -> list[str]:
        """AiResource besides."""
        return [*super().kinds(), AI_RESOURCE]


def _lacking(spec: dict[str, Any]) -> str:
    """What an AiResource does not say and has to; empty where it says all."""
    own = spec.get("type")
    if not all(isinstance(said, str) and said for said in (own, spec.get("lifecycle"))):
        return "An AiResource needs spec.type and spec.lifecycle, texts."
    for name, wanted in _NEEDED.get(str(own), {}).items():
        value = spec.get(name)
        if not isinstance(value, wanted) or value == "":
            what = "a list" if wanted is list else "a text"
            return f"An AiResource of the type {own} needs spec.{name}, {what}."
    return ""
