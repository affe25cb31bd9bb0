"""Figures as people read them: a latency, a length of time, a share, a large number."""

from __future__ import annotations

import math

from markupsafe import Markup

_LENGTHS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def latency(milliseconds: float) -> str:
    """`840 ms`, `2.3 s`: three digits at most."""
    value, unit = (
        (milliseconds, "ms") if milliseconds < 1000 else (milliseconds / 1000, "s")
    )
    digits = 0 if value >= 100 or (unit == "ms" and value >= 10) else 1
    return Markup(f'{value:.{digits}f} <span class="unit">{unit}</span>')


def lasting(milliseconds: float) -> str:
    """How long something lasted: `45 min`, `2 d 3 h`."""
    seconds = round(abs(milliseconds) / 1000)
    parts = []
    for size, unit in _LENGTHS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def percent(share: float | None) -> str:
    """A share as a percentage that never rounds up to all."""
    if share is None:
        return Markup('<span class="nil">not known</span>')
    value = share * 100
    if 99.99 <= value < 100:
        text = f"{math.floor(value * 1000) / 1000:.3f}"
    else:
        text = f"{math.floor(value * 100) / 100:.2f}"
    text = text.rstrip("0").rstrip(".") if value == 100 or value < 10 else text
    return Markup(f'{text} <span class="unit">%</span>')


def number(value: float) -> str:
    """A count with its thousands apart; small ones with a digit behind the point."""
    if value != int(value) and abs(value) < 100:
        return f"{value:.1f}"
    return f"{value:,.0f}"
