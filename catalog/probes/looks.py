"""“Probe now”: a look that somebody watches, with all that was sent and received.

It is a row, so that the worker which can reach the server makes it, wherever that is.
"""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from catalog.probes import claiming, clock, words
from catalog.probes.ask import Log, Target
from catalog.probes.models import Check, Look, Probe
from catalog.probes.prober import Found
from catalog.probes.recording import Result
from catalog.probes.sql import kept

MOST = 64 * 1024
KEPT = 5
_PATIENCE, _LONGEST = timedelta(minutes=2), timedelta(minutes=10)
Asker = Callable[[Target, Log], Awaitable[Found | None]]


def ask_for(probe: Probe, who: str) -> Look:
    """Ask for a look; the next worker of its queue makes it."""
    made = Look.objects.create(probe=probe, asked_by=who[:200], queue=probe.queue)
    old = Look.objects.filter(probe=probe).order_by("-pk")[KEPT:]
    Look.objects.filter(pk__in=[look.pk for look in old]).delete()
    return made


def take(queues: Iterable[str]) -> list[tuple[int, list[Target]]]:
    """The looks that somebody waits for, now ours: their keys, and what to ask."""
    with connection.cursor() as cursor:
        # Asked every second, and mostly there is nothing.
        cursor.execute("SELECT 1 FROM probes_look WHERE began_at IS NULL LIMIT 1")
        if cursor.fetchone() is None:
            return []
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


def give_up() -> None:
    """Looks whose worker went away end too: nobody has to wait for them."""
    old = Look.objects.filter(
        ended_at=None, began_at__lt=timezone.now() - _LONGEST
    ).values_list("pk", "log")
    for key, text in old:
        said = f"{text}\nThe worker that looked has gone: look again."
        Look.objects.filter(pk=key).update(log=said, ended_at=timezone.now())


async def watch(
    ask: Asker,
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
        found = await ask(target, say)
        if found is None:
            say("Not asked: others ask this server all the time.")
        else:
            results.put(Result(target, found, clock.now()))
        await keep()
    if not targets:
        say("This probe asks nothing: every level is switched off.")
    await asyncio.to_thread(_keep, key, "\n".join(lines), ended=True)


def _keep(key: int, text: str, *, ended: bool = False) -> None:
    cut = f"{kept(text, MOST)}\n… cut" if len(text) > MOST else kept(text, MOST)
    try:
        rows = Look.objects.filter(pk=key)
        rows.update(log=cut, **({"ended_at": timezone.now()} if ended else {}))
    finally:
        # Of a thread that is seldom used: it would hold a connection for ever.
        connection.close()
