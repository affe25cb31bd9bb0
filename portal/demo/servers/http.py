"""As the other services of the example answer at their addresses of health."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes
from portal.demo.story import Spell

# The search finds out a moment after its store has gone.
_LATER = 20.0


@dataclass(frozen=True)
class Service:
    """What one service says while it is well; what it says, and when, while it is not;
    and how long it takes, in milliseconds, where there is little to do."""

    says: Any = field(default_factory=lambda: {"status": "ok"})
    takes: float = 3.0
    breaks: Spell | None = None
    says_then: Any = ""
    slow: Spell | None = None


SERVICES = {
    "component:default/docs-rag": Service(
        takes=22.0,
        breaks=Spell(
            story.DISK_FULL.first + _LATER,
            story.DISK_FULL.length,
            story.DISK_FULL.every,
        ),
        says_then={"status": "error", "message": "qdrant: 503 at /readyz"},
    ),
    "component:default/n8n-store-01": Service(takes=9.0, slow=story.EXPORT),
    "component:default/open-webui": Service({"status": True}, takes=5.0),
    "resource:default/qdrant-store-01": Service(
        "all shards are ready",
        takes=2.0,
        breaks=story.DISK_FULL,
        says_then="some shards are not ready: no space left on device",
    ),
    "resource:default/minio-store-01": Service("", takes=2.0),
}
_SLOW = 1800.0


def routes(node: Node) -> Routes:
    """The one address that is asked."""
    service = SERVICES.get(node.ref, Service())

    async def health(_: web.Request) -> web.StreamResponse:
        more = _SLOW if service.slow and service.slow.is_on(node.at) else 0.0
        await node.take(service.takes * (1 + story.load(node.at)) + more)
        is_broken = service.breaks is not None and service.breaks.is_on(node.at)
        said = service.says_then if is_broken else service.says
        status = 503 if is_broken else 200
        if isinstance(said, str):
            return web.Response(text=said, status=status)
        return web.json_response(said, status=status)

    return {f"GET {node.path or '/'}": health}
