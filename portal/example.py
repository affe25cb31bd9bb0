"""The example that comes with Greenroom: where it lies, and what belongs to it."""

from __future__ import annotations

from pathlib import Path

from portal.env import PROJECT

HOMELAB = PROJECT / "deploy" / "examples" / "homelab"


def is_example(target: str) -> bool:
    """Is this target the example, or a part of it? Then its entities are marked."""
    if "://" in target:
        return False
    try:
        path = Path(target).expanduser().resolve()
    except (RuntimeError, ValueError):
        return False
    return path.is_relative_to(HOMELAB.resolve())
