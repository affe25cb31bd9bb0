"""What happens in the demo: how much there is to do, and what breaks when.

Everything follows from the seconds since the demo began, so that a minute looks the
same in every demo, and a test can look at any of them. The story is that of the
example's own runbooks: an engine that freezes under load, a disk that fills up, a
model that nobody has written down.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

MINUTE = 60.0
# Waves of the work that people bring: seconds of one, and its height.
_MEAN = 0.45
_WAVES = ((1800.0, 0.25), (420.0, 0.12), (97.0, 0.08))


@dataclass(frozen=True)
class Spell:
    """Something that happens again and again: for `length` seconds, `first` seconds
    after the start and then once every `every` seconds."""

    first: float
    length: float
    every: float

    def is_on(self, at: float) -> bool:
        """Does it happen at this second?"""
        since = at - self.first
        return since >= 0 and since % self.every < self.length

    def spent(self, at: float) -> float:
        """For how many seconds it has happened until this one, altogether."""
        since = max(0.0, at - self.first)
        rounds, rest = divmod(since, self.every)
        return rounds * self.length + min(rest, self.length)

    def ends(self, at: float) -> float:
        """The second at which the spell that is on ends."""
        return at - (at - self.first) % self.every + self.length


# The engine stands still under load, and its health says nothing of it: the runbook
# frozen-engine.md of the vLLM on the Mac Studio.
FROZEN = Spell(first=11 * MINUTE, length=4 * MINUTE, every=45 * MINUTE)
# The vector store restarts, because its disk is full: store-01-disk-full.md.
DISK_FULL = Spell(first=3 * MINUTE, length=2 * MINUTE, every=20 * MINUTE)
# Nobody dictates, and the server lets its model go.
NOBODY_SPEAKS = Spell(first=24 * MINUTE, length=10 * MINUTE, every=50 * MINUTE)
# A long export: the workflows answer late.
EXPORT = Spell(first=6 * MINUTE, length=3 * MINUTE, every=30 * MINUTE)


def load(at: float) -> float:
    """How much there is to do, from 0 to 0.9."""
    waves = (high * math.sin(2 * math.pi * at / long) for long, high in _WAVES)
    return _MEAN + sum(waves)


def done(at: float) -> float:
    """How much has been done since the start: the sum of `load` over the seconds."""
    waves = (
        high * long / (2 * math.pi) * (1 - math.cos(2 * math.pi * at / long))
        for long, high in _WAVES
    )
    return _MEAN * at + sum(waves)


def at_work(at: float, frozen: Spell) -> float:
    """The seconds for which an engine that freezes has worked until now."""
    return at - frozen.spent(at)


@cache
def vector(sentence: str, dimension: int) -> list[float]:
    """A vector of norm 1 for a sentence, always the same."""
    seed = sum((index + 1) * ord(letter) for index, letter in enumerate(sentence))
    raw = [math.sin(seed * 0.37 + index * 1.7) for index in range(dimension)]
    norm = math.sqrt(sum(number * number for number in raw))
    return [round(number / norm, 6) for number in raw]
