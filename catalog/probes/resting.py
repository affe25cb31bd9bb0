"""Models that are loaded when they are asked for, and go when nobody asks any more.

A golden input must not load a model, and not keep one loaded that nobody uses. So what
was asked is remembered, and asked again only after somebody else has used it, or never
let it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.probes import words
from catalog.probes.prober import Found

# For so long a good answer holds for a model that nobody has used since.
HOLDS = 3600.0


@dataclass(frozen=True)
class Rest:
    """The last golden input: to which model, when (seconds since 1970), and what the
    server said then of its end, where it says that."""

    model: str = ""
    asked: float = 0.0
    ends: str = ""

    @classmethod
    def of(cls, memory: Mapping[str, Any]) -> Rest:
        """As remembered; of nothing where it is not."""
        kept = memory.get("rest")
        if not isinstance(kept, Mapping):
            return cls()
        return cls(str(kept["model"]), float(kept["asked"]), str(kept["ends"]))

    def kept(self, memory: Mapping[str, Any] | None) -> dict[str, Any]:
        """The memory with this in it."""
        mine = {"model": self.model, "asked": self.asked, "ends": self.ends}
        return {**(memory or {}), "rest": mine}

    def found(self, now: float) -> Found:
        """What is said of a model that is left at rest."""
        minutes = (now - self.asked) / 60
        said = f"Loaded, and not used since it was asked {minutes:.0f} min ago"
        why = "asking again would keep it loaded"
        if now - self.asked > HOLDS:
            return Found(words.UNCHECKED, "", f"{said}; {why}.")
        return Found(detail=f"{said}: {why}.", measured=False)
