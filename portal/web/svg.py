"""Small pictures drawn on the server: sparkline, bar, status bar. No script, no style.

Colours come from the classes of the stylesheet, so both themes and print work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

# Height as part of the whole: a state never shows by colour alone.
BEAT_HEIGHTS = {
    "ok": 1.0,
    "busy": 1.0,
    "degraded": 0.66,
    "maintenance": 0.66,
    "down": 0.4,
    "unknown": 0.14,
}


def spark(
    values: Sequence[float], label: str, width: int = 64, height: int = 18
) -> str:
    """A line over its area, a dot at the newest value; empty for less than two."""
    if len(values) < 2:
        return Markup("")
    low, spread = min(values), (max(values) - min(values)) or 1
    step, room = width / (len(values) - 1), height - 6
    points = [
        (round(i * step, 1), round(height - 3 - (v - low) / spread * room, 1))
        for i, v in enumerate(values)
    ]
    line = "M" + " ".join(f"{x:g},{y:g}" for x, y in points)
    x, y = points[-1]
    return Markup(
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" role="img" aria-label="{escape(label)}">'
        f'<path class="spark-area" d="{line} V{height} H0Z"/>'
        f'<path class="spark-line" d="{line}"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="2"/></svg>'
    )


def bar(value: float, total: float, label: str = "") -> str:
    """How much of a whole: 6 px high, as wide as its place."""
    share = max(0.0, min(100.0, value / total * 100)) if total else 0.0
    name = label or f"{share:.0f} percent"
    return Markup(
        '<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(name)}"><rect class="bar-track" width="100" height="6"/>'
        f'<rect class="bar-fill" width="{share:.4g}" height="6"/></svg>'
    )


def beats(
    states: Sequence[str],
    label: str = "",
    height: int = 22,
    titles: Mapping[int, str] | None = None,
) -> str:
    """One stroke per time bucket, oldest first; one path per state. `titles` says more
    of single buckets to whoever points at them."""
    full = max(len(states) * 6 - 2, 1)
    paths = []
    for state, share in BEAT_HEIGHTS.items():
        tall = max(2, round(height * share))
        strokes = "".join(
            f"M{i * 6} {height - tall}h4v{tall}h-4z"
            for i, s in enumerate(states)
            if s == state
        )
        if strokes:
            paths.append(f'<path class="is-{state}" d="{strokes}"/>')
    paths += [
        f'<rect class="hit" x="{i * 6 - 1}" width="6" height="{height}">'
        f"<title>{escape(title)}</title></rect>"
        for i, title in (titles or {}).items()
    ]
    good = sum(state in ("ok", "busy") for state in states)
    bad = sum(state == "down" for state in states)
    name = label or f"{good} of {len(states)} checks healthy, {bad} down"
    return Markup(
        f'<svg class="beats" viewBox="0 0 {full} {height}" width="{full}"'
        f' height="{height}" preserveAspectRatio="none" role="img"'
        f' aria-label="{escape(name)}">{"".join(paths)}</svg>'
    )
