"""Serving: a stand-in for each probe of an example, on a port of its own.

What is declared is looked up again every few seconds, so that an example that is loaded
or changed later has its stand-ins too.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from aiohttp import web
from django.db import DatabaseError, close_old_connections

from catalog.entities import generation
from catalog.entities.models import Entity
from catalog.probes import expecting, standins
from catalog.probes.declaring import declared
from portal.demo.node import Node, Routes, application
from portal.demo.servers import http, infinity, litellm, tei, vllm, whisper

log = logging.getLogger(__name__)
ROUND = 5.0
KINDS: dict[str, Callable[[Node], Routes]] = {
    "http": http.routes,
    "infinity": infinity.routes,
    "litellm": litellm.routes,
    "tei": tei.routes,
    "vllm": vllm.routes,
    "whisper": whisper.routes,
}
# What the servers of the example list; others list what their documents declare. The
# reranker is on trial: it serves another model than the one that is written down.
MODELS = {
    "component:default/llm-gateway": [
        "qwen2.5-32b-instruct",
        "customer-summarization",
        "invoice-extraction",
        "bge-m3",
    ],
    "component:default/reranker-node-01": ["mixedbread-ai/mxbai-rerank-base-v1"],
    "component:default/vllm-mac-studio": [
        "Qwen/Qwen2.5-32B-Instruct",
        "customer-summarization",
        "invoice-extraction",
    ],
    "component:default/embeddings-node-01": ["BAAI/bge-m3"],
    "component:default/whisper-engine-01": ["Systran/faster-whisper-large-v3"],
}
Clock = Callable[[], float]


def nodes(clock: Clock = time.time, began: float = 0.0) -> Iterator[tuple[int, Node]]:
    """The stand-in of every probe that an example declares, with its port."""
    entities = list(Entity.objects.filter(source__example=True).order_by("ref"))
    models = expecting.expected(entity.ref for entity in entities)
    for entity in entities:
        said = MODELS.get(entity.ref) or [one[0] for one in models.get(entity.ref, [])]
        for one in declared(entity.data):
            if one.prober in KINDS and not one.fault:
                path = urlsplit(one.url).path
                node = Node(entity.ref, one.prober, path, said, clock, began)
                yield standins.port(one.prober, one.url), node


class Stage:
    """The stand-ins that run. `clock` tells the seconds since 1970."""

    def __init__(self, clock: Clock = time.time) -> None:
        self.clock, self.began = clock, clock()
        self.running: dict[int, web.AppRunner] = {}
        self._wanted: dict[int, Node] = {}
        self._generation = -1
        self._refused: set[int] = set()

    async def follow(self) -> None:
        """Start what is declared and does not run; end what is declared no more."""
        await asyncio.to_thread(self._look)
        for port in self.running.keys() - self._wanted.keys():
            await self.running.pop(port).cleanup()
        for port in self._wanted.keys() - self.running.keys():
            await self._start(port, self._wanted[port])

    def _look(self) -> None:
        close_old_connections()
        now = generation.current()
        if now != self._generation:
            self._wanted = dict(nodes(self.clock, self.began))
            self._generation = now

    async def _start(self, port: int, node: Node) -> None:
        app = application(KINDS[node.prober](node))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, standins.HOST, port).start()
        except OSError as error:
            await runner.cleanup()
            self._refuse(port, node, error)
            return
        self._refused.discard(port)
        self.running[port] = runner

    def _refuse(self, port: int, node: Node, error: OSError) -> None:
        if port in self._refused:
            return
        self._refused.add(port)
        why = error.strerror or error
        log.warning(
            "The stand-in of %s cannot listen on port %s: %s. Stop what uses that "
            "port, which may be another demo; it is tried again.",
            *(node.ref, port, why),
        )

    async def clear(self) -> None:
        """End them all."""
        for port in list(self.running):
            await self.running.pop(port).cleanup()


def run() -> None:
    """Serve until a signal to stop comes."""
    asyncio.run(_until_told())


async def _until_told() -> None:
    told, loop, stage = asyncio.Event(), asyncio.get_running_loop(), Stage()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    while not told.is_set():
        try:
            await stage.follow()
        except DatabaseError as error:
            log.warning("The stand-ins wait for the database: %s", error)
        try:
            await asyncio.wait_for(told.wait(), ROUND)
        except TimeoutError:
            continue
    await stage.clear()
