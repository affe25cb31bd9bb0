"""What the probers say of themselves: levels, settings, an example to copy."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.entities import dialect
from catalog.probes.prober import PROBERS, Prober
from catalog.probes.settings import ProbeSettings
from catalog.probes.words import LEVELS
from portal.web.reference import Row, rows


@dataclass(frozen=True)
class Level:
    """One level of a prober: how often, and how long an answer may take, in seconds.
    `every` is 0 where it is off unless it is asked for."""

    name: str
    every: int
    patience: float


@dataclass(frozen=True)
class Part:
    """What is shown of one prober. `rows` are the settings that it has beyond those
    of all."""

    prober: type[Prober]
    levels: list[Level]
    rows: list[Row]
    example: str


def parts() -> list[Part]:
    """All probers, by their titles."""
    every = sorted(PROBERS.values(), key=lambda prober: prober.title.casefold())
    return [_part(prober) for prober in every]


def shared_rows() -> list[Row]:
    """The settings that every prober has."""
    return rows(ProbeSettings)


def _part(prober: type[Prober]) -> Part:
    shared = ProbeSettings.model_fields.keys()
    usual = ProbeSettings.model_construct()
    own = [row for row in rows(prober.Settings) if row.name not in shared]
    levels = [
        Level(level, prober.levels[level], prober.patience(level, usual))
        for level in LEVELS
        if level in prober.levels
    ]
    entry = {"type": prober.name, **prober.example}
    return Part(prober, levels, own, dialect.write({"spec": {"probes": [entry]}}))
