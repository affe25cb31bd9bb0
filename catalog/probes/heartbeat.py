"""The pulse of the engines: who looks, from which queues, how late, how much waits."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.probes import claiming, clock
from catalog.probes.models import Probe, Worker

# A worker that has said nothing for so long is dead.
DEAD = 20_000
_FORGET = 24 * 3600 * 1000


def beat(
    name: str,
    queues: Iterable[str],
    *,
    started_at: int,
    running: int,
    lag: float,
    looks: int,
) -> None:
    """Say that this engine lives, and how it is doing."""
    now = clock.now()
    Worker.objects.update_or_create(
        name=name,
        defaults={
            "queues": ",".join(queues),
            "started_at": started_at,
            "beat_at": now,
            "running": running,
            "waiting": claiming.waiting(queues, now - 1000),
            "lag": round(lag, 3),
            "looks": looks,
        },
    )
    Worker.objects.filter(beat_at__lt=now - _FORGET).delete()


def leave(name: str) -> None:
    """This engine ends as it should."""
    Worker.objects.filter(name=name).delete()


def alive() -> list[Worker]:
    """The engines that live."""
    return list(Worker.objects.filter(beat_at__gte=clock.now() - DEAD).order_by("name"))


def served_queues() -> set[str]:
    """The queues that somebody serves; the usual one is the empty text."""
    return {queue for worker in alive() for queue in worker.queues.split(",")}


def unserved_queues() -> set[str]:
    """The queues with probes that nobody serves."""
    wanted = set(Probe.objects.values_list("queue", flat=True).distinct())
    return wanted - served_queues()
