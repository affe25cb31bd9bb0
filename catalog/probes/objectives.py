"""The objective of an entity (SLO), as its document declares it, and what is left.

greenroom/slo: 99.5% in 30d
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.probes.uptime import DAY, Uptime

ANNOTATION = "greenroom/slo"
LONGEST = 365
_FORM = re.compile(r"\s*(\d{1,2}(?:\.\d{1,5})?)\s*%\s+in\s+(\d{1,3})\s*d(?:ays)?\s*")


class ObjectiveError(Exception):
    """An objective that cannot be read; the message says how one is written."""


@dataclass(frozen=True)
class Objective:
    """The share of time that a service is to be there, in so many days."""

    share: float
    days: int

    @property
    def milliseconds(self) -> int:
        """The length of its window."""
        return self.days * DAY

    @property
    def budget(self) -> int:
        """How long it may be down in that window, in milliseconds."""
        return round((1 - self.share) * self.milliseconds)

    def left(self, found: Uptime) -> int:
        """How much of the budget is left; negative when it is overdrawn."""
        return self.budget - found.down

    def is_met(self, found: Uptime) -> bool | None:
        """Is it kept so far? None while nothing is known."""
        return None if found.share is None else self.left(found) >= 0

    def __str__(self) -> str:
        return f"{self.share * 100:g} % in {self.days} d"


def of(annotations: Mapping[str, Any]) -> Objective | None:
    """The objective that a document declares; None without. Raises ObjectiveError."""
    text = annotations.get(ANNOTATION)
    if not isinstance(text, str):
        return None
    match = _FORM.fullmatch(text)
    days = int(match[2]) if match else 0
    if not match or not 1 <= days <= LONGEST or not float(match[1]):
        raise ObjectiveError(
            f"{ANNOTATION} is “{text[:60]}”, which is no objective. Write a share and "
            "a number of days, such as 99.5% in 30d."
        )
    return Objective(round(float(match[1]) / 100, 9), days)
