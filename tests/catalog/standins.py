"""Small real servers on loopback that answer what a test says, and one look at them."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from catalog.http.asking import Client
from catalog.probes.ask import Target
from catalog.probes.look import look
from catalog.probes.prober import PROBERS, Found

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# What a path answers: JSON, text, (status, JSON or text), or what a function makes.
Answer = Any


@dataclass
class Standin:
    """A server of paths: `{"GET /health": {...}}`. It notes what it is asked for."""

    answers: Mapping[str, Answer]
    asked: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        place = f"{request.method} {request.path}"
        self.asked.append(place)
        self.headers.append(dict(request.headers))
        if request.content_type == "application/json":
            self.bodies.append(await request.json())
        answer = self.answers.get(place, (404, {"detail": "Not Found"}))
        if callable(answer):
            made: web.StreamResponse = await answer(request)
            return made
        status, content = answer if isinstance(answer, tuple) else (200, answer)
        if isinstance(content, str):
            return web.Response(status=status, text=content)
        return web.json_response(content, status=status)

    @property
    def worked(self) -> list[str]:
        """The requests that make a model work."""
        return [place for place in self.asked if place.startswith("POST")]

    @asynccontextmanager
    async def running(
        self, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[Standin]:
        """On a port of its own."""
        app = web.Application(client_max_size=2**22)
        app.router.add_route("*", "/{rest:.*}", self.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = runner.addresses[0][1]
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{port}"
        try:
            yield self
        finally:
            await runner.cleanup()


def target(prober: str, url: str, level: str, **given: Any) -> Target:
    """A check as a worker claims it; `options`, `expects`, `memory`, `key`."""
    kind = PROBERS[prober]
    settings = kind.Settings.model_validate({**given.get("options", {}), "url": url})
    kept = settings.model_dump(exclude_defaults=True, exclude={"url", "title"})
    own = kept.get("model")
    return Target(
        check=1,
        probe=1,
        identity=1,
        ref="component:default/it",
        prober=prober,
        url=url,
        level=level,
        interval=30,
        timeout=given.get("timeout", 2.0),
        due=0,
        options=json.loads(json.dumps(kept)),
        expects=((own,),) if own else given.get("expects", ()),
        memory=given.get("memory", {}),
        key=given.get("key", ""),
    )


async def look_at(
    prober: str, url: str, level: str, log: list[str] | None = None, **given: Any
) -> Found:
    """One look, by a client of its own."""
    client = Client(10)
    try:
        say = log.append if log is not None else None
        return await look(client, target(prober, url, level, **given), say)
    finally:
        await client.close()


def seen(
    prober: str, answers: Mapping[str, Answer], level: str = "serving", **given: Any
) -> tuple[Found, Standin]:
    """What a prober finds at a server with these answers, and what it asked for."""
    standin = Standin(answers)

    async def run() -> Found:
        async with standin.running():
            return await look_at(prober, standin.url, level, **given)

    return asyncio.run(run()), standin


async def hang(_: web.Request) -> web.StreamResponse:
    """No answer for longer than anybody waits."""
    await asyncio.sleep(30)
    return web.Response()


async def huge(_: web.Request) -> web.StreamResponse:
    """More than anybody reads."""
    return web.Response(body=b"x" * 2**20)


async def garbage(_: web.Request) -> web.StreamResponse:
    """Bytes that are no text."""
    return web.Response(body=b"\xff\xfe\x00{", content_type="application/json")
