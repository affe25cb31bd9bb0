"""What the operations page shows of each probe: levels, load, use, cost, latency."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from catalog.probes import clock, judging, series, standing, uptime, words
from catalog.probes.models import Check, Probe, Usage
from catalog.probes.prober import PROBERS
from catalog.probes.series import Point
from portal.web.probe_words import mark_of, word_of

LEVEL_TITLES = {
    words.ALIVE: ("Alive", "It answers."),
    words.METRICS: ("Metrics", "What it has to do, and what it did."),
    words.SERVING: ("Serving", "A golden input gets the right shape of answer."),
}
VERDICT_LOOKS = {
    words.OK: ("ok", "OK"),
    words.BUSY: ("busy", "Busy"),
    words.DEGRADED: ("degraded", "Degraded"),
    words.BAD: ("down", "Failed"),
    words.UNCHECKED: ("unknown", "Not checked"),
    "": ("unknown", "Not asked yet"),
}
_STALE = ("unknown", "No recent look")
_LOAD = (
    ("running", "Running"),
    ("waiting", "Waiting"),
    ("kv", "Cache in use"),
    ("output_tokens_per_s", "Output tokens/s"),
    ("prompt_tokens_per_s", "Prompt tokens/s"),
    ("requests_per_s", "Requests/s"),
    ("dimension", "Dimension"),
)


@dataclass(frozen=True)
class LevelView:
    """One level of a probe."""

    check: Check
    title: str
    help: str
    look: str
    verdict: str
    error: str
    seen: datetime | None

    @property
    def has_turned(self) -> bool:
        """Does the same sentence have another vector than before?"""
        return self.check.error == words.CHANGED

    @property
    def doubts(self) -> str:
        """What the newest looks say against what is believed."""
        check = self.check
        if not check.streak:
            return ""
        needed = judging.NEEDED.get(check.verdict, 2)
        title = VERDICT_LOOKS[check.verdict][1].lower()
        return f"{check.streak} of {needed} looks in a row: {title}"


@dataclass
class ProbeView:
    """One probe with everything that is known of it."""

    probe: Probe
    title: str
    look: str
    state: str
    levels: list[LevelView]
    load: list[tuple[str, str]]
    usage: Usage | None
    cost: str
    points: list[Point] = field(default_factory=list)
    charted: str = ""


def views(probes: Iterable[Probe], span: str) -> list[ProbeView]:
    """The probes of one entity, with the latencies of a range."""
    now = clock.now()
    start = now - uptime.RANGES[span]
    found = list(probes)
    usages = _usage_today(found)
    return [_view(probe, now, start, usages.get(probe.pk)) for probe in found]


def _usage_today(probes: list[Probe]) -> dict[int, Usage]:
    today = clock.moment(clock.now()).date()
    rows = Usage.objects.filter(probe__in=probes, day=today)
    return {row.probe_id: row for row in rows}


def _view(probe: Probe, now: int, start: int, usage: Usage | None) -> ProbeView:
    checks = sorted(
        probe.checks.all(), key=lambda check: words.LEVELS.index(check.level)
    )
    is_stale = probe.state != words.UNKNOWN and probe.fresh_until < now
    state = words.UNKNOWN if is_stale else probe.state
    prober = PROBERS.get(probe.prober)
    charted = _charted(checks)
    return ProbeView(
        probe=probe,
        title=probe.title or (prober.title if prober else probe.prober),
        look=mark_of(state),
        state=word_of(state, probe.error),
        levels=[_level(check, now) for check in checks],
        load=_load(probe.figures),
        usage=usage,
        cost=prober.cost if prober else "",
        points=series.latency(charted, start, now) if charted else [],
        charted=LEVEL_TITLES[charted.level][0] if charted else "",
    )


def _charted(checks: list[Check]) -> Check | None:
    """The deepest level that has latencies."""
    by_level = {check.level: check for check in checks}
    return by_level.get(words.SERVING) or by_level.get(words.ALIVE)


def _level(check: Check, now: int) -> LevelView:
    level = standing.levels([check])[0]
    is_stale = check.at > 0 and not level.is_fresh(now)
    look, verdict = _STALE if is_stale else VERDICT_LOOKS[check.confirmed]
    title, text = LEVEL_TITLES[check.level]
    return LevelView(
        check=check,
        title=title,
        help=text,
        look=look,
        verdict=verdict,
        error=words.ERRORS.get(check.error, ""),
        seen=clock.moment(check.at) if check.at else None,
    )


def _load(figures: dict[str, float]) -> list[tuple[str, str]]:
    shown = []
    for name, title in _LOAD:
        if name in figures:
            value = figures[name]
            text = f"{value:.0%}" if name == "kv" else _short(value)
            shown.append((title, text))
    return shown


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
