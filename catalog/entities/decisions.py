"""The decisions of the catalog: the few fields that a person really decides.

Owner and lifecycle stand in the spec; tier, data class, exposure and cost centre are
annotations, so that Backstage keeps them. Each is validated, faceted and shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.entities import viewer
from catalog.entities.models import Entity
from catalog.entities.problems import ERROR, WARNING, Problem, did_you_mean, shown


@dataclass(frozen=True)
class Decision:
    """One annotation with its column and the values it may take, best first."""

    key: str
    column: str
    title: str
    help: str
    values: tuple[str, ...] = ()

    @property
    def annotation(self) -> str:
        """The annotation that carries it."""
        return f"greenroom/{self.key}"


DECISIONS = (
    Decision(
        "tier",
        "tier",
        "Tier",
        "How much harm it does when it stops.",
        ("critical", "important", "standard", "experimental"),
    ),
    Decision(
        "data-class",
        "data_class",
        "Data class",
        "How secret the data is that it touches.",
        ("public", "internal", "confidential", "restricted"),
    ),
    Decision(
        "exposure",
        "exposure",
        "Exposure",
        "From where it can be reached.",
        ("lab", "lan", "vpn", "internet"),
    ),
    Decision("cost-centre", "cost_centre", "Cost centre", "Who pays for it."),
)
LIFECYCLES = ("experimental", "production", "deprecated")
VISIBILITY = viewer.VISIBILITY
# What else is ours; a room that reads an annotation names it here or is not corrected.
KNOWN = (
    VISIBILITY,
    "greenroom/runbook",
    "greenroom/probe",
    "greenroom/chat",
    *(decision.annotation for decision in DECISIONS),
)


def check(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Warnings about decisions with a name or a value that nobody knows."""
    annotations = data["metadata"].get("annotations") or {}
    for key in annotations:
        yield from _misspelt(key)
    for decision in DECISIONS:
        value = annotations.get(decision.annotation)
        if value is not None and decision.values and value not in decision.values:
            yield _unknown(
                ("metadata", "annotations", decision.annotation), value, decision.values
            )
    lifecycle = (data.get("spec") or {}).get("lifecycle")
    if isinstance(lifecycle, str) and lifecycle not in LIFECYCLES:
        yield _unknown(("spec", "lifecycle"), lifecycle, LIFECYCLES)


def _misspelt(key: str) -> Iterator[Problem]:
    """A misspelt visibility would show too much, so it refuses; others only warn."""
    if key in KNOWN or not key.lower().startswith("greenroom/"):
        return
    near = difflib.get_close_matches(key.lower(), KNOWN, n=1, cutoff=0.88)
    if near:
        yield Problem(
            "misspelt",
            f"There is no annotation {key!r}.",
            f"Did you mean {near[0]!r}?",
            ERROR if near[0] == VISIBILITY else WARNING,
            ("metadata", "annotations", key),
        )


def _unknown(at: tuple[str, ...], value: str, known: tuple[str, ...]) -> Problem:
    hint = did_you_mean(value, known) or f"Known are {', '.join(known)}."
    return Problem(
        "unknown-value",
        f"{at[-1]} is {shown(value)}, which is none of its known values.",
        hint,
        WARNING,
        at,
        value,
    )


def columns(
    data: Mapping[str, Any], said: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The decisions of a document as columns of Entity; empty where undecided. What it
    leaves open, `said` may fill: annotation to value."""
    known = {**(said or {})}
    annotations = data["metadata"].get("annotations") or {}
    known |= {key: value for key, value in annotations.items() if value}
    return {
        decision.column: known.get(decision.annotation, "")[:100]
        for decision in DECISIONS
    }


def of(entity: Entity) -> list[tuple[Decision, str]]:
    """Every decision with its value for one entity; empty where undecided."""
    return [(decision, getattr(entity, decision.column)) for decision in DECISIONS]
