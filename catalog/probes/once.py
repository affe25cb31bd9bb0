"""Looking once, at once, and keeping nothing: for a terminal, and before declaring."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from catalog.entities.models import Entity
from catalog.http.asking import Client
from catalog.probes import expecting, standins, states, words
from catalog.probes.ask import Log, Target
from catalog.probes.claiming import key_of
from catalog.probes.declaring import Declaration, declared
from catalog.probes.look import look
from catalog.probes.prober import PROBERS, Found

_VERDICT_STATES = {
    words.OK: words.UP,
    words.BUSY: words.BUSY,
    words.DEGRADED: words.DEGRADED,
    words.BAD: words.DOWN,
    words.UNCHECKED: words.UNKNOWN,
}


@dataclass(frozen=True)
class Outcome:
    """What one level of one probe found. `state` is that of this one look: nothing
    confirms it. `latency_ms` is None where nothing answered."""

    ref: str
    probe: str
    level: str
    state: str
    error_class: str
    models: list[str] | None
    latency_ms: float | None
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self)

    @property
    def title(self) -> str:
        """What the state is called."""
        return states.TITLES[self.state]


def of_entities(entities: Iterable[Entity], say: Log | None = None) -> list[Outcome]:
    """Look at every level of every probe that these entities declare."""
    rows = list(entities)
    expected = expecting.expected(entity.ref for entity in rows)
    work = [
        _work(entity.ref, one, expected.get(entity.ref, []), _asked(entity, one))
        for entity in rows
        for one in declared(entity.data)
    ]
    return asyncio.run(_all(work, say))


def of_address(
    prober: str, options: Mapping[str, Any], say: Log | None = None
) -> list[Outcome]:
    """Look at an address that no document declares, said as in `spec.probes`."""
    found = declared({"spec": {"probes": [{"type": prober, **options}]}})
    return asyncio.run(_all([_work("", one, [], one.url) for one in found], say))


def _asked(entity: Entity, one: Declaration) -> str:
    """The declared address, or that of its stand-in."""
    is_example = entity.source.example
    return standins.of(one.prober, one.url, is_example=is_example) or one.url


@dataclass(frozen=True)
class _Work:
    """One probe to look at: its levels, or why there are none."""

    ref: str
    name: str
    fault: str
    targets: list[Target]


def _work(ref: str, one: Declaration, models: list[list[str]], url: str) -> _Work:
    targets = [] if one.fault else _targets(ref, one, models, url)
    return _Work(ref, f"{one.prober} {one.url}".strip(), one.fault, targets)


async def _all(work: list[_Work], say: Log | None) -> list[Outcome]:
    client = Client()
    try:
        return [outcome for one in work for outcome in await _one(client, one, say)]
    finally:
        await client.close()


async def _one(client: Client, work: _Work, say: Log | None) -> list[Outcome]:
    if work.fault:
        fault = Found(words.UNCHECKED, words.UNUSABLE, work.fault)
        return [_outcome(work.ref, work.name, "", fault)]
    outcomes = []
    for target in work.targets:
        if say is not None:
            say(f"--- {work.ref or 'address'} {target.level}: {work.name}")
        found = await look(client, target, say)
        outcomes.append(_outcome(work.ref, work.name, target.level, found))
    return outcomes


def _targets(
    ref: str, one: Declaration, models: list[list[str]], url: str
) -> list[Target]:
    prober = PROBERS[one.prober]
    settings = prober.Settings.model_validate({**one.options, "url": one.url})
    key, fault = key_of(settings.key, url)
    own = one.options.get("model")
    names = [[own]] if own else models
    return [
        Target(
            check=0,
            probe=0,
            identity=0,
            ref=ref,
            prober=one.prober,
            url=url,
            level=level,
            interval=interval,
            timeout=prober.patience(level, settings),
            due=0,
            options=one.options,
            expects=tuple(map(tuple, names)),
            key=key,
            key_fault=fault,
        )
        for level, interval in prober.intervals(settings).items()
    ]


def _outcome(ref: str, name: str, level: str, found: Found) -> Outcome:
    latency = None if found.latency is None else round(found.latency, 1)
    return Outcome(
        ref,
        name,
        level,
        _VERDICT_STATES[found.verdict],
        found.error,
        found.models,
        latency,
        found.detail,
    )
