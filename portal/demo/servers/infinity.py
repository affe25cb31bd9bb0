"""As Infinity answers: its list of models tells of its queue and of what it can do."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes, body_of


def routes(node: Node) -> Routes:
    """What is asked of a server with a model that ranks."""

    async def health(_: web.Request) -> web.StreamResponse:
        return web.json_response({"unix": node.clock()})

    async def models(_: web.Request) -> web.StreamResponse:
        return web.json_response(_listed(node))

    async def rank(request: web.Request) -> web.StreamResponse:
        documents = (await body_of(request)).get("documents")
        return await _ranked(node, documents if isinstance(documents, list) else [])

    async def embed(_: web.Request) -> web.StreamResponse:
        said = f"ModelNotDeployedError: model=`{_model(node)}` does not support `embed`"
        error = {"message": said, "type": None, "param": None, "code": 400}
        return web.json_response({"error": error}, status=400)

    return {
        "GET /health": health,
        "GET /models": models,
        "POST /rerank": rank,
        "POST /embeddings": embed,
    }


def _model(node: Node) -> str:
    return node.models[0] if node.models else ""


def _listed(node: Node) -> dict[str, Any]:
    pending = int(6 * story.load(node.at))
    stats = {
        "queue_fraction": round(pending / 32000, 6),
        "queue_absolute": 0,
        "results_pending": pending,
        "batch_size": 32,
    }
    entry = {
        "id": _model(node),
        "stats": stats,
        "object": "model",
        "owned_by": "infinity",
        "created": int(node.began),
        "backend": "torch",
        "capabilities": ["rerank"],
    }
    return {"data": [entry], "object": "list"}


async def _ranked(node: Node, documents: list[Any]) -> web.StreamResponse:
    node.asked += 1
    await node.take(25 + 60 * story.load(node.at))
    results = [
        {"relevance_score": round(0.98 / (place + 1), 6), "index": place}
        for place in range(len(documents))
    ]
    letters = sum(len(str(one)) for one in documents)
    return web.json_response(
        {
            "object": "rerank",
            "results": results,
            "model": _model(node),
            "usage": {"prompt_tokens": letters, "total_tokens": letters},
            "id": f"infinity-demo-{node.asked}",
            "created": int(node.clock()),
        }
    )
