"""Probed entities for tests, with a past: as the engine would have written them."""

from __future__ import annotations

from catalog.entities.models import Entity
from catalog.probes import clock, words
from catalog.probes.models import Check, Probe, Status, Transition, Worker

MINUTE, HOUR = 60_000, 3600_000


def probed(
    ref: str,
    state: str = words.UP,
    *,
    error: str = "",
    detail: str = "",
    ago: int = HOUR,
    fresh: int = MINUTE,
    interval: int = 30,
) -> Entity:
    """Give an entity a probe that came to its state `ago` milliseconds ago."""
    now = clock.now()
    entity = Entity.objects.get(ref=ref)
    known = {"state": state, "since": now - ago, "error": error, "detail": detail}
    known |= {"fresh_until": now + fresh, "latency": 12.0}
    probe = Probe.objects.create(
        identity_id=entity.pk, prober="vllm", url=f"http://{entity.name}.lan", **known
    )
    Check.objects.create(
        probe=probe, level=words.ALIVE, interval=interval, at=now, due=now + MINUTE
    )
    Status.objects.update_or_create(pk=entity.pk, defaults={**known, "at": now})
    became(entity, words.UNKNOWN, state, ago, error=error, detail=detail)
    return entity


def became(
    entity: Entity,
    before: str,
    after: str,
    ago: int,
    *,
    error: str = "",
    detail: str = "",
) -> None:
    """It changed its state so many milliseconds ago."""
    Transition.objects.create(
        identity_id=entity.pk,
        at=clock.now() - ago,
        before=before,
        after=after,
        error=error,
        detail=detail,
    )


def worker(name: str = "node-01:7", queues: str = "", ago: int = 0) -> Worker:
    """An engine that lives, or that was heard of long ago."""
    now = clock.now()
    return Worker.objects.create(
        name=name, queues=queues, beat_at=now - ago, started_at=now - HOUR, looks=1234
    )
