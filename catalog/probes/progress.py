"""Is it getting on? Counters as differences, and load that does not move.

A server that is frozen under load keeps its last counts for ever, and answers every
question about its health. So load counts as busy only while something moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.probes import words
from catalog.probes.prober import Found

STALL = 20_000
_TOKENS = ("prompt_tokens", "output_tokens")
_LONGEST_GAP = 15 * 60_000


@dataclass
class Progress:
    """What happened between two readings. `counted` are differences; `seconds` is the
    time that they cover, 0 where it is not known."""

    counted: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    restarted: bool = False


def weigh(found: Found, memory: Mapping[str, Any], now: int) -> tuple[Found, Progress]:
    """The finding of a metrics level with what the reading before tells of it; its
    memory is that of the next. `now` in milliseconds."""
    if found.load is None and found.counters is None:
        return found, Progress()
    load, counters = found.load or {}, found.counters or {}
    progress = _between(memory, counters, found.started_at, now)
    # Not in the future, where the clock was put back.
    moved_at = min(memory.get("moved_at", now), now)
    if _has_moved(memory, load, counters):
        moved_at = now
    found.memory = {
        "at": now,
        "load": dict(load),
        "counters": counters,
        "started_at": found.started_at,
        "moved_at": moved_at,
    }
    _add_rates(found, progress)
    _judge(found, now - moved_at)
    return found, progress


def _has_moved(
    memory: Mapping[str, Any], load: dict[str, float], counters: dict[str, float]
) -> bool:
    return bool(memory.get("counters") != counters or memory.get("load") != load)


def _between(
    memory: Mapping[str, Any],
    counters: dict[str, float],
    started_at: float | None,
    now: int,
) -> Progress:
    before = memory.get("counters")
    if before is None or not counters:
        return Progress()
    restarted = _has_restarted(memory, counters, started_at)
    old = {} if restarted else before
    counted = {
        name: max(0.0, value - old.get(name, 0.0))
        for name, value in counters.items()
        # A figure that the page did not have before is no difference of its whole.
        if name in before
    }
    gap = now - int(memory.get("at", now))
    seconds = gap / 1000 if 0 < gap <= _LONGEST_GAP else 0.0
    return Progress(counted, seconds, restarted)


def _has_restarted(
    memory: Mapping[str, Any], counters: dict[str, float], started_at: float | None
) -> bool:
    known = memory.get("started_at")
    if known and started_at:
        return bool(abs(started_at - known) > 1)
    before: dict[str, float] = memory.get("counters") or {}
    return any(value < before.get(name, value) for name, value in counters.items())


def _add_rates(found: Found, progress: Progress) -> None:
    if not progress.seconds or found.load is None:
        return
    rates = {f"{name}_per_s": name for name in (*_TOKENS, "requests")}
    for rate, name in rates.items():
        if name in progress.counted:
            found.load[rate] = round(progress.counted[name] / progress.seconds, 3)


def _judge(found: Found, idle: int) -> None:
    if found.verdict != words.OK or found.load is None:
        return
    running, waiting = found.load.get("running", 0), found.load.get("waiting", 0)
    kv = found.load.get("kv")
    # Without counters, load that stays the same may be work that comes steadily.
    if running + waiting > 0 and idle >= STALL and found.counters:
        found.verdict, found.error, found.sure = words.BAD, words.STALLED, True
        found.detail = (
            f"{running:.0f} running and {waiting:.0f} waiting, and for "
            f"{_in_words(idle)} not one token, step or request."
        )
    elif waiting > 0:
        found.verdict = words.BUSY
        found.detail = f"{running:.0f} running, {waiting:.0f} waiting."
    elif kv is not None and kv > 0.9:
        found.verdict = words.BUSY
        found.detail = f"{kv:.0%} of its cache in use."


def _in_words(milliseconds: int) -> str:
    seconds = milliseconds // 1000
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def has_just_stopped(before: Mapping[str, Any], memory: Mapping[str, Any]) -> bool:
    """Had it work in hand at the last reading, and has none now? Most often the work
    is done; a server that froze with work not yet counted looks the same."""
    return _in_hand(before) > 0 and _in_hand(memory) == 0


def _in_hand(memory: Mapping[str, Any]) -> float:
    load = memory.get("load") or {}
    return float(load.get("running", 0) + load.get("waiting", 0))


def is_in_doubt(memory: Mapping[str, Any] | None, now: int) -> bool:
    """Is there load that has not moved at the last reading? Then look again soon."""
    if not memory:
        return False
    return bool(_in_hand(memory) > 0 and memory.get("moved_at", now) < now)
