"""From single looks to what is believed: confirmation, flap damping, the worst of all.

One bad look is not an outage: three in a row are, at short intervals. Two good ones end
it, five when it has gone up and down all the time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from catalog.probes import words
from catalog.probes.prober import Found

NEEDED = {
    words.BAD: 3,
    words.DEGRADED: 2,
    words.BUSY: 2,
    words.OK: 2,
    words.UNCHECKED: 1,
}
NEEDED_WHEN_FLAPPING = 5
FLIPS, FLIP_WINDOW = 4, 15 * 60_000
RETRY = 5
LONGEST_LOADING = 15 * 60_000
STALE_INTERVALS = 3


@dataclass(frozen=True)
class Belief:
    """What is believed of one level since when, and how many looks spoke against it."""

    confirmed: str = ""
    since: int = 0
    streak: int = 0
    verdict: str = ""


def weigh(belief: Belief, found: Found, now: int, *, flapping: bool = False) -> Belief:
    """The belief after one more look, at `now` milliseconds."""
    verdict = found.verdict
    if verdict == belief.confirmed:
        return Belief(verdict, belief.since, 0, verdict)
    streak = belief.streak + 1 if verdict == belief.verdict else 1
    if found.sure or streak >= needed(belief.confirmed, verdict, flapping=flapping):
        return Belief(verdict, now, 0, verdict)
    return Belief(belief.confirmed, belief.since, streak, verdict)


def needed(confirmed: str, verdict: str, *, flapping: bool) -> int:
    """How many looks of a kind are believed, where something else is believed now."""
    if not confirmed and verdict != words.BAD:
        return 1
    if flapping and confirmed == words.BAD:
        return NEEDED_WHEN_FLAPPING
    return NEEDED[verdict]


def next_look(belief: Belief, interval: int) -> int:
    """Seconds until the next look: soon, while there is a doubt."""
    return min(RETRY, interval) if belief.streak else interval


@dataclass(frozen=True)
class Level:
    """One level of a probe, as far as it counts for its state."""

    level: str
    confirmed: str
    since: int
    error: str
    detail: str
    at: int
    interval: int
    timeout: float

    def is_fresh(self, now: int) -> bool:
        """Is its last look younger than three intervals?"""
        return self.at > 0 and now <= fresh_until(self)


def fresh_until(level: Level) -> int:
    """The moment after which nothing is known of a level any more."""
    return known_until(level.at, level.interval, level.timeout)


def known_until(at: int, interval: int, timeout: float) -> int:
    """The moment until which a look at `at` tells something."""
    return at + int((STALE_INTERVALS * interval + timeout) * 1000)


@dataclass(frozen=True)
class Verdict:
    """What is said of a probe."""

    state: str
    error: str = ""
    detail: str = ""


_STATE = {
    words.BAD: words.DOWN,
    words.DEGRADED: words.DEGRADED,
    words.BUSY: words.BUSY,
    words.OK: words.UP,
}


def combine(levels: Iterable[Level], now: int) -> Verdict:
    """The state of a probe: the worst of what its fresh levels say.

    Being alive alone is enough to be up only where nobody looks deeper.
    """
    fresh = [level for level in levels if level.is_fresh(now) and level.confirmed]
    by_level = {level.level: level for level in fresh}
    alive = by_level.get(words.ALIVE)
    if alive is None:
        return Verdict(words.UNKNOWN, words.LATE, "No recent answer.")
    for confirmed in (words.BAD, words.DEGRADED):
        for name in words.LEVELS:
            found = by_level.get(name)
            if found is not None and _means(found, now) == confirmed:
                return _verdict(found, alive, _STATE[confirmed])
    serving = by_level.get(words.SERVING)
    if words.BUSY in {level.confirmed for level in fresh}:
        busy = next(level for level in fresh if level.confirmed == words.BUSY)
        return Verdict(words.BUSY, busy.error, busy.detail)
    if serving is not None and serving.confirmed == words.UNCHECKED:
        return Verdict(words.UNKNOWN, serving.error, serving.detail)
    if alive.confirmed == words.UNCHECKED:
        return Verdict(words.UNKNOWN, alive.error, alive.detail)
    return Verdict(words.UP)


def _means(level: Level, now: int) -> str:
    """Loading for a quarter of an hour is an outage."""
    is_old = now - level.since > LONGEST_LOADING
    if level.confirmed == words.DEGRADED and level.error == words.LOADING and is_old:
        return words.BAD
    return level.confirmed


def _verdict(found: Level, alive: Level, state: str) -> Verdict:
    detail = found.detail
    answers = found.level == words.SERVING and alive.confirmed != words.BAD
    if state == words.DOWN and answers:
        detail = f"Answers, but serves nothing. {detail}"
    elif state == words.DOWN and found.level == words.METRICS:
        detail = f"Answers, but does nothing. {detail}"
    return Verdict(state, found.error, detail[:500])


def is_flapping(flips: list[int], now: int) -> bool:
    """Has it gone up and down too often of late?"""
    return len(recent_flips(flips, now)) >= FLIPS


def recent_flips(flips: list[int], now: int) -> list[int]:
    """The flips that count still."""
    return [at for at in flips if at > now - FLIP_WINDOW]
