"""As speaches answers: models that it has, those that it has loaded, and texts."""

from __future__ import annotations

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes, always


def routes(node: Node) -> Routes:
    """What is asked of it."""

    async def loaded(_: web.Request) -> web.StreamResponse:
        is_idle = story.NOBODY_SPEAKS.is_on(node.at)
        return web.json_response({"models": [] if is_idle else node.models})

    async def transcribe(request: web.Request) -> web.StreamResponse:
        await request.read()
        node.asked += 1
        await node.take(350 + 1400 * story.load(node.at))
        # A tone holds no word.
        return web.json_response({"text": ""})

    listed = [
        {"id": name, "object": "model", "created": 0, "owned_by": name.split("/")[0]}
        for name in node.models
    ]
    return {
        "GET /health": always({"message": "OK"}),
        "GET /v1/models": always({"data": listed, "object": "list"}),
        "GET /api/ps": loaded,
        "POST /v1/audio/transcriptions": transcribe,
    }
