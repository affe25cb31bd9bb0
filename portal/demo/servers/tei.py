"""As Text Embeddings Inference answers: one model, its queue, and vectors."""

from __future__ import annotations

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes, always, body_of, page

VERSION = "1.9.3"
DIMENSION = 1024
_REQUESTS = 14.0


def routes(node: Node) -> Routes:
    """What is asked of it."""

    async def embed(request: web.Request) -> web.StreamResponse:
        sentence = str((await body_of(request)).get("inputs", ""))
        node.asked += 1
        await node.take(6 + 18 * story.load(node.at))
        return web.json_response([story.vector(sentence, DIMENSION)])

    model = node.models[0] if node.models else "BAAI/bge-m3"
    info = {
        "model_id": model,
        "model_sha": None,
        "model_dtype": "float16",
        "served_model_name": model,
        "model_type": {"embedding": {"pooling": "cls"}},
        "max_input_length": 8192,
        "max_batch_tokens": 16384,
        "version": VERSION,
    }
    return {
        "GET /health": always(""),
        "GET /info": always(info),
        "GET /metrics": page(lambda: _metrics(node)),
        "POST /embed": embed,
    }


def _metrics(node: Node) -> str:
    count = int(_REQUESTS * story.done(node.at)) + node.asked
    return "\n".join(
        [
            "# TYPE te_queue_size gauge",
            "te_queue_size 0",
            "# TYPE te_request_success counter",
            f'te_request_success{{method="batch"}} {count}',
            "",
        ]
    )
