"""A chart of latencies over time as SVG; the table beside it says the same.

A small script of ours adds the cursor; without it the picture stands alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from markupsafe import Markup, escape

from catalog.probes import clock
from catalog.probes.series import Point

WIDTH, HEIGHT = 1000, 100
_FOOT = 6
_STEPS = (1, 2, 5)
_TIMES = 4


@dataclass(frozen=True)
class Line:
    """One line: what it is called, its class, and which figure of a point it draws."""

    title: str
    look: str
    of: Callable[[Point], float | None]


LINES = (
    Line("p95", "line-1", lambda point: point.p95),
    Line("p50", "line-2", lambda point: point.p50),
)


@dataclass(frozen=True)
class Chart:
    """A picture that stretches with its place, and the words at its axes."""

    picture: str
    heights: list[str]
    times: list[str]


def draw(points: Sequence[Point], start: int, end: int, label: str) -> Chart:
    """The picture of these points. A line breaks where nothing is known, and a stroke
    at the foot marks a part in which a look failed."""
    highest = max((p.p95 or 0 for p in points), default=0) or 1
    axis = _Axis(start, end, nice(highest))
    lines = [_path(points, line, axis) for line in LINES]
    data = " ".join(_datum(point, axis) for point in points)
    grid = f"M0 0H{WIDTH}M0 {HEIGHT / 2:g}H{WIDTH}M0 {HEIGHT}H{WIDTH}"
    picture = Markup(
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' preserveAspectRatio="none" aria-label="{escape(label)}"'
        f' data-points="{escape(data)}"><path class="grid-line" d="{grid}"/>'
        f"{''.join(lines)}{_fails(points, axis)}</svg>"
    )
    heights = [_in_words(axis.top * share) for share in (1, 0.5, 0)]
    return Chart(picture, heights, _times(axis))


@dataclass(frozen=True)
class _Axis:
    start: int
    end: int
    top: float

    def x(self, at: float) -> float:
        share = (at - self.start) / (self.end - self.start)
        return round(max(0.0, min(1.0, share)) * WIDTH, 1)

    def y(self, value: float) -> float:
        return round(HEIGHT - value / self.top * HEIGHT, 2)


def nice(value: float) -> float:
    """The next number at or above a value that is good to read on an axis."""
    size = 1.0
    while size * 10 <= value:
        size *= 10
    while size > value and size > 0.001:
        size /= 10
    return next((step * size for step in _STEPS if step * size >= value), size * 10)


def _in_words(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:g} s"
    return f"{milliseconds:g} ms"


def _times(axis: _Axis) -> list[str]:
    span = axis.end - axis.start
    form = "%H:%M" if span <= 2 * 86_400_000 else "%d %b"
    moments = [axis.start + span * step // _TIMES for step in range(_TIMES + 1)]
    return [f"{local(at):{form}}" for at in moments]


def local(milliseconds: int) -> datetime:
    """A moment in the reader's time zone."""
    return timezone.localtime(clock.moment(milliseconds))


def _path(points: Sequence[Point], line: Line, axis: _Axis) -> str:
    steps = []
    before: Point | None = None
    for point in points:
        value = line.of(point)
        if value is None:
            before = None
            continue
        joined = before is not None and point.at - before.at <= 2.5 * point.length
        x = axis.x(point.at + point.length / 2)
        steps.append(f"{'L' if joined else 'M'}{x:g} {axis.y(value):g}")
        if not joined:
            # A single point is seen as well.
            steps.append("h.1")
        before = point
    return f'<path class="{line.look}" d="{"".join(steps)}"/>' if steps else ""


def _fails(points: Sequence[Point], axis: _Axis) -> str:
    marks = "".join(
        f"M{axis.x(point.at + point.length / 2):g} {HEIGHT}v-{_FOOT}"
        for point in points
        if point.bad
    )
    return f'<path class="fails" d="{marks}"/>' if marks else ""


def _datum(point: Point, axis: _Axis) -> str:
    """What the cursor reads: place, time, p50, p95, looks, failed."""
    when = f"{local(point.at):%Y-%m-%dT%H:%M}"
    figures = ["" if f is None else f"{f:.0f}" for f in (point.p50, point.p95)]
    x = axis.x(point.at + point.length / 2)
    return f"{x:g},{when},{figures[0]},{figures[1]},{point.looks},{point.bad}"
