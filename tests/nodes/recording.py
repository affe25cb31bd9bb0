"""Starts one server after the other and records it: loading, idle, busy, failing."""

from __future__ import annotations

import time

from tests.nodes import asking
from tests.nodes.faults import faults
from tests.nodes.processes import Node
from tests.nodes.record import Recorder, answer, loaded
from tests.nodes.servers import SERVERS, started
from tests.nodes.wyoming import recorded as wyoming

KEY = "node-key"
LOADING = 3.0
COOLDOWN = 7.0  # of LiteLLM, after the request for a transcription


def everything(names: list[str]) -> None:
    """Record the named servers, one after the other."""
    for name in names:
        print(name, flush=True)
        if name == "litellm":
            with started(asking.UPSTREAM, key=KEY) as upstream:
                one(name, upstream)
        else:
            one(name, None)


def one(name: str, upstream: Node | None) -> None:
    """One server: while it loads, idle, and under load."""
    with_key = None if name in asking.KEYLESS else KEY
    if name == "wyoming":
        with started(name) as node:
            for case, request, outcome in wyoming(node):
                Recorder(node).keep(case, request, outcome)
        return
    with started(name, key=with_key, upstream=upstream, wait=False) as node:
        loading(Recorder(node), SERVERS[name].ready)
    with started(name, key=with_key, upstream=upstream) as node:
        size = node.resident() / 2**20
        print(f"  ready after {node.ready_after:.1f} s, {size:.0f} MiB", flush=True)
        recorder = Recorder(node)
        for case, request in asking.requests(node).items():
            recorder.ask(case, request)
        if name == "litellm":
            time.sleep(COOLDOWN)
        if asking.generates(name):
            with loaded(node):
                recorder.ask("metrics-loaded", asking.metrics(node))
                ready = SERVERS[name].ready
                recorder.ask("health-loaded", asking.get(node, ready))
                recorder.ask("completion-loaded", asking.completion(node), 120.0)
            recorder.ask("metrics-after", asking.metrics(node))
        if name not in asking.AS_VLLM_CHAT:
            faults(recorder, SERVERS[name].ready)


def loading(recorder: Recorder, ready: str) -> None:
    """Its first answer within some seconds of its start, or that there was none."""
    request = asking.get(recorder.node, ready)
    end = time.monotonic() + LOADING
    outcome = answer(recorder.node.url, request, LOADING)
    while "error" in outcome and time.monotonic() < end:
        time.sleep(0.01)
        outcome = answer(recorder.node.url, request, LOADING)
    recorder.keep("loading", request.shown(), outcome)
