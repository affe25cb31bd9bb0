"""As vLLM answers: counters for everything, and a health that is not the engine's."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes, always, body_of, page

VERSION = "0.32.0"
SEATS = 16
_FULL = 0.76
# Tokens in a second, when everything works.
_PROMPT, _OUTPUT, _REQUESTS, _STEPS = 900.0, 240.0, 0.6, 22.0


def routes(node: Node) -> Routes:
    """What is asked of it."""

    async def complete(request: web.Request) -> web.StreamResponse:
        return await _complete(node, await body_of(request))

    return {
        "GET /health": always(""),
        "GET /version": always({"version": VERSION}),
        "GET /v1/models": always(_listed(node)),
        "GET /metrics": page(lambda: metrics(node)),
        "POST /v1/completions": complete,
    }


def _listed(node: Node) -> dict[str, Any]:
    base = node.models[0] if node.models else ""
    return {
        "object": "list",
        "data": [
            {
                "id": name,
                "object": "model",
                "created": int(node.began),
                "owned_by": "vllm",
                "root": name,
                "parent": None if name == base else base,
                "max_model_len": 32768,
            }
            for name in node.models
        ],
    }


async def _complete(node: Node, asked: dict[str, Any]) -> web.StreamResponse:
    model = asked.get("model")
    if model not in node.models:
        said = f"The model `{model}` does not exist."
        error = {"message": said, "type": "NotFoundError", "code": 404}
        return web.json_response({"error": error}, status=404)
    while story.FROZEN.is_on(node.at):
        # Nobody waits so long; whoever asked has hung up by then.
        await asyncio.sleep(1)
    node.asked += 1
    await node.take(60 + 420 * story.load(node.at))
    choice = {"index": 0, "text": "", "logprobs": None, "finish_reason": "length"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return web.json_response(
        {
            "id": f"cmpl-demo-{node.asked}",
            "object": "text_completion",
            "created": int(node.clock()),
            "model": model,
            "choices": [choice],
            "usage": usage,
        }
    )


def metrics(node: Node) -> str:
    """The figures of the engine; while it is frozen they are the last ones."""
    worked = story.at_work(node.at, story.FROZEN)
    load, done = story.load(worked), story.done(worked)
    over = max(0.0, load - _FULL)
    label = f'{{engine="0",model_name="{node.models[0] if node.models else ""}"}}'
    gauges = {
        "vllm:num_requests_running": max(1, round(load * SEATS)),
        "vllm:num_requests_waiting": round(over * 100),
        "vllm:kv_cache_usage_perc": round(0.12 + 0.8 * load, 4),
    }
    counters = {
        "vllm:prompt_tokens_total": int(_PROMPT * done) + node.asked,
        "vllm:generation_tokens_total": int(_OUTPUT * done) + node.asked,
        "vllm:request_success_total": int(_REQUESTS * done) + node.asked,
    }
    lines = ["# TYPE process_start_time_seconds gauge"]
    lines.append(f"process_start_time_seconds {node.began:.2f}")
    for name, value in gauges.items():
        lines += [f"# TYPE {name} gauge", f"{name}{label} {value}"]
    for name, value in counters.items():
        lines += [f"# TYPE {name} counter", f"{name}{label} {value}"]
    steps = int(_STEPS * done) + node.asked
    name = "vllm:iteration_tokens_total"
    lines += [f"# TYPE {name} histogram", f"{name}_count{label} {steps}"]
    return "\n".join([*lines, ""])
