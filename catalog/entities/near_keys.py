"""Extra keys that are probably a slip of the pen: legal, kept, and asked about."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from catalog.entities.problems import WARNING, Path, Problem
from catalog.kind import KINDS

METADATA_KEYS = (
    "name",
    "namespace",
    "title",
    "description",
    "labels",
    "annotations",
    "tags",
    "links",
)
# High, since extra keys are legal: `label` and `dependson` are near, `cost` is not.
_CUTOFF = 0.84


def near_keys(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Warnings about extra keys whose name is near to one that is known."""
    yield from _near(data["metadata"], "metadata", METADATA_KEYS)
    kind = KINDS.get(data["kind"])
    spec = data.get("spec")
    if kind is not None and isinstance(spec, dict):
        yield from _near(spec, "spec", kind.Spec.model_fields)


def _near(
    part: Mapping[str, Any], name: str, known: Collection[str]
) -> Iterator[Problem]:
    extra = [key for key in part if key not in known]
    if not extra:
        return
    # A field that is given is not what an extra key was meant to be.
    missing = {field.lower(): field for field in known if field not in part}
    for key in extra:
        close = difflib.get_close_matches(key.lower()[:100], missing, 1, _CUTOFF)
        if close:
            yield _warning((name, key), missing[close[0]])


def _warning(at: Path, meant: str) -> Problem:
    key = str(at[-1])
    return Problem(
        "near-key",
        f"{at[0]} has no field {key!r}; it is kept as an extra key without effect.",
        f"Did you mean {meant!r}?",
        WARNING,
        at,
        key,
    )
