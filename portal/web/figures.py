"""Figures as people read them: a latency, a length of time, a share, a large number."""

from __future__ import annotations

import math

from markupsafe import Markup


def latency(milliseconds: float) -> str:
    """`840 ms`, `2.3 s`: three digits at most."""
    value, unit = (
        (milliseconds, "ms") if milliseconds < 1000 else (milliseconds / 1000, "s")
    )
    digits = 0 if value >= 100 or (unit == "ms" and value >= 10) else 1
    return Markup(f'{value:.{digits}f} <span class="unit">{unit}</span>')


def percent(share: float | None) -> str:
    """A share as a percentage, with its unit in small; see `share_text`."""
    if share is None:
        return Markup('<span class="nil">not known</span>')
    text = share_text(share).removesuffix(" %")
    return Markup(f'{text} <span class="unit">%</span>')


def share_text(share: float | None) -> str:
    """A share of time as `99.95 %`: never rounded up to all of it; empty of None."""
    if share is None:
        return ""
    digits = 3 if 0.9999 <= share < 1 else 2
    floor = math.floor(share * 100 * 10**digits + 1e-9) / 10**digits
    return f"{floor:.{digits}f}".rstrip("0").rstrip(".") + " %"


def number(value: float) -> str:
    """A count with its thousands apart; small ones with a digit behind the point."""
    if value != int(value) and abs(value) < 100:
        return f"{value:.1f}"
    return f"{value:,.0f}"


def tally(value: float, thing: str) -> str:
    """A count of things: `1 request`, `2,048 requests`."""
    return f"{number(value)} {thing}{'' if value == 1 else 's'}"
