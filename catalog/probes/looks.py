"""“Probe now”: a look that somebody watches, with all that was sent and received.

It is a row, so that the worker which can reach the server makes it, wherever that is.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Iterable
from datetime import timedelta

from django.db import close_old_connections, transaction
from django.utils import timezone

from catalog.http.asking import Client
from catalog.probes import claiming, clock, words
from catalog.probes.ask import Target
from catalog.probes.look import look
from catalog.probes.models import Check, Look, Probe
from catalog.probes.recording import Result

MOST = 64 * 1024
KEPT = 5
_PATIENCE = timedelta(minutes=2)


def ask_for(probe: Probe, who: str) -> Look:
    """Ask for a look; the next worker of its queue makes it."""
    made = Look.objects.create(probe=probe, asked_by=who[:200], queue=probe.queue)
    old = Look.objects.filter(probe=probe).order_by("-pk")[KEPT:]
    Look.objects.filter(pk__in=[look.pk for look in old]).delete()
    return made


def take(queues: Iterable[str]) -> list[tuple[int, list[Target]]]:
    """The looks that somebody waits for, now ours: their keys, and what to ask."""
    waiting = Look.objects.filter(
        began_at=None,
        queue__in=list(queues),
        asked_at__gte=timezone.now() - _PATIENCE,
    )
    taken = []
    for row in waiting.order_by("pk")[:10]:
        mine = Look.objects.filter(pk=row.pk, began_at=None)
        if mine.update(began_at=timezone.now()):
            checks = Check.objects.filter(probe_id=row.probe_id)
            taken.append((row.pk, _in_order(claiming.targets_of(checks))))
    return taken


def _in_order(targets: list[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: words.LEVELS.index(target.level))


async def watch(
    client: Client,
    key: int,
    targets: list[Target],
    results: queue.SimpleQueue[Result],
) -> None:
    """Look at each level in turn; the log grows in the row, the results count."""
    lines: list[str] = []

    def say(line: str) -> None:
        lines.append(f"{timezone.now():%H:%M:%S.%f}"[:-3] + f"  {line}")

    async def keep() -> None:
        await asyncio.to_thread(_keep, key, "\n".join(lines))

    for target in targets:
        say(f"--- {target.level}: {target.prober} {target.url}")
        await keep()
        found = await look(client, target, say)
        results.put(Result(target, found, clock.now()))
        await keep()
    if not targets:
        say("This probe asks nothing: every level is switched off.")
    await asyncio.to_thread(_keep, key, "\n".join(lines), ended=True)


def _keep(key: int, text: str, *, ended: bool = False) -> None:
    close_old_connections()
    if len(text) > MOST:
        text = f"{text[:MOST]}\n… cut"
    with transaction.atomic():
        rows = Look.objects.filter(pk=key)
        rows.update(log=text, **({"ended_at": timezone.now()} if ended else {}))
