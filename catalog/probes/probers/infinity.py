"""Infinity: vectors, and a queue that its list of models tells of.

It answers any model name with the model that it has, so its list alone says which that
is. Its usage counts characters and its metrics know no tokens: tokens stay unknown.
"""

from __future__ import annotations

from typing import Any

from catalog.probes import answers, golden
from catalog.probes.model_server import ModelServer, kind_of
from catalog.probes.prober import Found, Spent
from catalog.probes.settings import VectorSettings
from catalog.probes.words import ALIVE, METRICS, SERVING

# The routes stand at the root, or below the prefix that the server is started with.
_PREFIXES = ("", "/v1")


class Infinity(ModelServer):
    """The Infinity server."""

    name = "infinity"
    title = "Infinity"
    summary = "Health, its queue, and the vector of one sentence."
    levels = {ALIVE: 30, METRICS: 30, SERVING: 60}
    timeouts = {ALIVE: 10, METRICS: 10, SERVING: 15}
    Settings = VectorSettings
    kinds = ("infinity",)
    example = {
        "url": "http://node-01.lan:7997",
        "model": "BAAI/bge-m3",
        "dimension": 1024,
    }
    cost = "one request and one sentence a minute"
    prefix = ""

    async def metrics(self) -> Found:
        """What waits in the queues of its models."""
        data = await self._models()
        stats = [_mapping(entry.get("stats")) for entry in answers.entries(data)]
        load = _sums(stats, {"waiting": "queue_absolute", "pending": "results_pending"})
        return Found(load=load, models=answers.ids(data), kind=kind_of(data))

    async def listed(self) -> list[str]:
        """The models that it has loaded."""
        data = await self._models()
        self.kind = kind_of(data)
        return answers.ids(data)

    async def _models(self) -> Any:
        for prefix in _PREFIXES:
            self.prefix = prefix
            reply = await self.ask.get(f"{prefix}/models")
            if reply.status != 404:
                break
        return answers.json_of(reply)

    async def golden(self, model: str) -> Found:
        """One vector."""
        found = await golden.embedding(self.ask, model, f"{self.prefix}/embeddings")
        # What it calls tokens are characters.
        found.spent = Spent(1)
        return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sums(stats: list[dict[str, Any]], names: dict[str, str]) -> dict[str, float]:
    """The sum of each figure over all models; one that no model tells is left out."""
    found: dict[str, float] = {}
    for figure, name in names.items():
        values = [one[name] for one in stats if isinstance(one.get(name), int | float)]
        if values:
            found[figure] = float(sum(values))
    return found
