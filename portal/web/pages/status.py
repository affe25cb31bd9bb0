"""The status page: what is up and what is not, by system, over a stated range."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.probes import board, clock, health, words
from catalog.probes.board import Line
from catalog.probes.uptime import DAY, RANGES, Span
from catalog.sources.models import Source
from portal.accounts.models import Role
from portal.web import figures, probe_words, svg
from portal.web.gate import allows, viewer_of
from portal.web.polled import render_polled

TITLES = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}


@require_safe
def status(request: HttpRequest) -> HttpResponse:
    """The page; its part asks for itself every 15 seconds."""
    name = request.GET.get("range", board.USUAL)
    name = name if name in RANGES else board.USUAL
    viewer = viewer_of(request)
    found = board.board(viewer, name)
    context = {
        "board": found,
        "ranges": ranges(name),
        "range_title": TITLES[name],
        "axis": axis(found.start, found.end),
        "drawn": drawn,
        "examples": set(
            Source.objects.filter(example=True).values_list("pk", flat=True)
        ),
        "today": timezone.now(),
        "zone": f"{timezone.localtime():%Z}",
        "unwatched": health.unwatched() if found.total else False,
        # A stranger to a closed house has no page to be led to.
        "inside": viewer.signed_in,
        "is_admin": allows(request, Role.ADMIN),
        "can_edit": allows(request, Role.EDITOR),
    }
    return render_polled(request, "pages/status.html", "fragments/status.html", context)


def ranges(current: str) -> list[tuple[str, str, str, bool]]:
    """The choice of ranges: name, title, address, and whether it is the one."""
    here = reverse("status")
    return [
        (name, TITLES[name], f"{here}?range={name}", name == current) for name in RANGES
    ]


def axis(start: int, end: int) -> list[str]:
    """Labels of the time axis: its start, its middle, and now."""
    short = end - start <= DAY
    moments = [start, (start + end) // 2]
    return [*(_at(moment, short=short) for moment in moments), "now"]


def _at(moment: int, *, short: bool) -> str:
    local = timezone.localtime(clock.moment(moment))
    return f"{local:%H:%M}" if short else f"{local:%d %b}"


def drawn(line: Line) -> str:
    """The bars of one entity: what was not well is told when pointed at."""
    states = [probe_words.mark_of(bar.state) for bar in line.bars]
    return svg.beats(states, label_of(line), titles=told(line.bars))


def told(bars: list[Span]) -> Iterator[tuple[int, int, str]]:
    """What was not well, with its times: bars that say the same are one."""
    place = 0
    for (state, error), alike in groupby(bars, key=attrgetter("state", "error")):
        run = list(alike)
        if state not in (words.UP, words.BUSY):
            yield place, len(run), sentence(run[0].start, run[-1].end, state, error)
        place += len(run)


def sentence(start: int, end: int, state: str, error: str) -> str:
    """A state with its times, for people."""
    first, last = (timezone.localtime(clock.moment(at)) for at in (start, end))
    more = f", {probe_words.error_word(error)}" if error else ""
    times = f"{first:%d %b %H:%M} to {last:%d %b %H:%M}"
    return f"{times}: {probe_words.word_of(state)}{more}"


def label_of(line: Line) -> str:
    """The bars in words, for those who do not see them."""
    found = line.uptime
    if found.share is None:
        return "Nothing is known of this time"
    times = "1 outage" if found.outages == 1 else f"{found.outages} outages"
    known = figures.share_text(found.known)
    share = figures.share_text(found.share)
    return f"Up {share} of the time that is known, which is {known}; {times}"
