"""Node: one stand-in, with what a server of any kind has: a clock, models, routes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
# A method and a path, as in "GET /health", and what answers there.
Routes = Mapping[str, Handler]


@dataclass
class Node:
    """One stand-in: of which entity, and the path and the models that are declared.
    `clock` tells the seconds since 1970, `began` when the demo started."""

    ref: str
    prober: str
    path: str
    models: list[str]
    clock: Callable[[], float] = time.time
    began: float = field(default=0.0)
    # What it was asked to do by those who look at it; a real server counts that too.
    asked: int = 0

    @property
    def at(self) -> float:
        """The seconds since the demo began."""
        return max(0.0, self.clock() - self.began)

    async def take(self, milliseconds: float) -> None:
        """Be as long about it as a real server is."""
        await asyncio.sleep(milliseconds / 1000)


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object that was sent; an empty one where none was."""
    try:
        found = await request.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def always(content: Any, status: int = 200) -> Handler:
    """Answers the same JSON, or the same text, to everybody."""

    async def answer(_: web.Request) -> web.StreamResponse:
        if isinstance(content, str):
            return web.Response(text=content, status=status)
        return web.json_response(content, status=status)

    return answer


def page(write: Callable[[], str]) -> Handler:
    """A page of metrics, written anew each time."""

    async def answer(_: web.Request) -> web.StreamResponse:
        kind = "text/plain; version=0.0.4"
        return web.Response(body=write().encode(), headers={"Content-Type": kind})

    return answer


def application(routes: Routes) -> web.Application:
    """A server with these routes; any other is not there."""
    app = web.Application(client_max_size=4 * 1024 * 1024)
    for place, handler in routes.items():
        method, path = place.split(" ", 1)
        app.router.add_route(method, path, handler)
    return app
