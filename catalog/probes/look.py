"""One look: ask a target at one level, and always come back with what was found.

A prober that breaks is a finding of its own; it takes nobody else down.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from catalog.probes import words
from catalog.probes.ask import Ask, Log, Target
from catalog.probes.prober import PROBERS, Found, Stop

if TYPE_CHECKING:
    from catalog.http.asking import Client


log = logging.getLogger(__name__)
# A level may take several requests; beyond this many patiences it has no end.
REQUESTS = 3


async def look(client: Client, target: Target, say: Log | None = None) -> Found:
    """What the target says at its level. Never raises but for cancellation."""
    if target.prober not in PROBERS:
        return _broken(f"There is no probe “{target.prober}” any more.")
    ask = Ask(client, target, say)
    try:
        prober = PROBERS[target.prober](ask)
        async with asyncio.timeout(longest(target.timeout)):
            found = await _level(prober, target.level)
    except Stop as end:
        found = end.found
    except TimeoutError:
        found = Found(
            words.BAD,
            "first-byte-timeout",
            f"No end of the look within {longest(target.timeout):g} s.",
        )
    except Exception as error:
        log.exception("The probe %s of %s failed", target.prober, target.ref)
        found = _broken(f"The probe itself failed: {type(error).__name__}: {error}")
    if not found.timings:
        found.timings = ask.timings
    answered = found.measured and found.verdict in (words.OK, words.DEGRADED)
    if found.latency is None and answered:
        found.latency = found.timings.get("total")
    _say(ask, target, found)
    return found


def _broken(detail: str) -> Found:
    return Found(words.UNCHECKED, words.BROKEN_PROBE, detail[:500])


async def _level(prober: object, level: str) -> Found:
    found: Found = await getattr(prober, level)()
    return found


def _say(ask: Ask, target: Target, found: Found) -> None:
    error = words.ERRORS.get(found.error, found.error)
    parts = [part for part in (error, found.detail) if part]
    if found.models:
        parts.append(f"It lists {', '.join(found.models[:5])}.")
    ask.say(f"= {target.level}: {found.verdict}. {' – '.join(parts)}".rstrip())


def longest(timeout: float) -> float:
    """Seconds after which a whole look is cut off."""
    return REQUESTS * timeout + 5
