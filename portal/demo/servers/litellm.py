"""As LiteLLM answers without a master key: lively, ready, its models and counters."""

from __future__ import annotations

from aiohttp import web

from portal.demo import story
from portal.demo.node import Node, Routes, always, page

VERSION = "1.106.2"
_INPUT, _OUTPUT, _REQUESTS, _SPEND = 1100.0, 240.0, 1.4, 0.00002


def routes(node: Node) -> Routes:
    """What is asked of it. Its /health is not among that: it would ask every model."""

    async def redirect(_: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/metrics/")

    ready = {
        "status": "healthy",
        "db": "connected",
        "cache": None,
        "litellm_version": VERSION,
    }
    listed = [
        {"id": name, "object": "model", "created": 1677610602, "owned_by": "openai"}
        for name in node.models
    ]
    return {
        "GET /health/liveliness": always("I'm alive!"),
        "GET /health/readiness": always(ready),
        "GET /v1/models": always({"data": listed, "object": "list"}),
        "GET /metrics": redirect,
        "GET /metrics/": page(lambda: metrics(node)),
    }


def metrics(node: Node) -> str:
    """Its counters, and what it has in flight."""
    # What it sends on to an engine that is frozen comes to no end either.
    done = story.done(story.at_work(node.at, story.FROZEN))
    name = node.models[0] if node.models else ""
    label = f'{{model="{name}",requested_model="{name}"}}'
    in_flight = round(12 * story.load(node.at))
    if story.FROZEN.is_on(node.at):
        in_flight += int(story.FROZEN.length - (story.FROZEN.ends(node.at) - node.at))
    counters = {
        "litellm_input_tokens_metric_total": int(_INPUT * done),
        "litellm_output_tokens_metric_total": int(_OUTPUT * done),
        "litellm_proxy_total_requests_metric_total": int(_REQUESTS * done),
        "litellm_spend_metric_total": round(_SPEND * done, 6),
    }
    lines = ["# TYPE litellm_in_flight_requests gauge"]
    lines.append(f"litellm_in_flight_requests {in_flight}")
    for metric, value in counters.items():
        lines += [f"# TYPE {metric} counter", f"{metric}{label} {value}"]
    return "\n".join([*lines, ""])
