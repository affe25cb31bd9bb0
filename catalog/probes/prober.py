"""What a prober is: one kind of server, and how to ask it at three levels.

A prober is one file in `probers/`:

    class Tei(Prober):
        name = "tei"
        title = "Text Embeddings Inference"
        levels = {ALIVE: 30, SERVING: 60}
        example = {"url": "http://node-01.lan:8080"}

        async def alive(self) -> Found: ...
        async def serving(self) -> Found: ...

Each level answers a question: is it there (`alive`), how much has it to do (`metrics`),
does it do its work (`serving`, by a golden input). It returns what it Found, or raises
Stop with that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from catalog.plugins import Registry
from catalog.probes.settings import ProbeSettings
from catalog.probes.words import ALIVE, BAD, LEVELS, OK

if TYPE_CHECKING:
    from catalog.probes.ask import Ask


@dataclass
class Spent:
    """What a look itself cost the server, so that it is not taken for use."""

    requests: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0


@dataclass
class Found:
    """What one look found. None means that it was not asked for.

    `models` are the ids that the server itself lists. `load` are gauges (running,
    waiting, kv from 0 to 1 and others), `counters` sums since the server started.
    `sure` needs no second look. `latency` is in milliseconds; what was found without
    asking the question itself is not `measured`.
    """

    verdict: str = OK
    error: str = ""
    detail: str = ""
    latency: float | None = None
    models: list[str] | None = None
    version: str | None = None
    kind: str | None = None
    load: dict[str, float] | None = None
    counters: dict[str, float] | None = None
    started_at: float | None = None
    spent: Spent = field(default_factory=Spent)
    memory: dict[str, Any] | None = None
    timings: dict[str, float] = field(default_factory=dict)
    sure: bool = False
    measured: bool = True


class Stop(Exception):
    """The look is over: this is what it found."""

    def __init__(self, found: Found) -> None:
        super().__init__(found.detail)
        self.found = found


def stop(error: str, detail: str, verdict: str = BAD) -> Stop:
    """The end of a look, with what is wrong."""
    return Stop(Found(verdict=verdict, error=error, detail=detail[:500]))


class Prober:
    """One kind of server. Subclasses are found by their `name`.

    `levels` are the usual seconds between two looks, `timeouts` the usual seconds of
    patience for one request.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str]
    # Other names that people write for it.
    aliases: ClassVar[tuple[str, ...]] = ()
    summary: ClassVar[str] = ""
    levels: ClassVar[Mapping[str, int]] = {ALIVE: 30}
    timeouts: ClassVar[Mapping[str, float]] = {}
    Settings: ClassVar[type[ProbeSettings]] = ProbeSettings
    example: ClassVar[Mapping[str, Any]]
    schemes: ClassVar[tuple[str, ...]] = ("http", "https")
    # Does it look itself, or is it told?
    asks: ClassVar[bool] = True
    # A golden input of every day, for what it costs: prompt and output tokens.
    cost: ClassVar[str] = ""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.settings = ask.settings

    async def alive(self) -> Found:
        """Is it there?"""
        raise NotImplementedError

    async def metrics(self) -> Found:
        """How much has it to do, and how much has it done?"""
        raise NotImplementedError

    async def serving(self) -> Found:
        """Does a golden input get the right shape of answer?"""
        raise NotImplementedError

    @classmethod
    def intervals(cls, settings: ProbeSettings) -> dict[str, int]:
        """Seconds between two looks, for each level that is on."""
        wanted = {level: cls.levels[level] for level in LEVELS if level in cls.levels}
        wanted |= {k: v for k, v in settings.every.items() if k in wanted}
        return {level: seconds for level, seconds in wanted.items() if seconds}

    @classmethod
    def patience(cls, level: str, settings: ProbeSettings) -> float:
        """Seconds until one answer of a level is too late."""
        return settings.timeout or cls.timeouts.get(level, 10.0)


PROBERS: Registry[Prober] = Registry(Prober, folder="probers")


def named(name: str) -> str:
    """The name of the prober that somebody means: in any case, or by an alias. What
    nobody goes by is returned as it is."""
    meant = name.casefold()
    for known, prober in PROBERS.items():
        if meant == known or meant in prober.aliases:
            return known
    return name
