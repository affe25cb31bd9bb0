"""Text Embeddings Inference: one model a server, for vectors, ranks or classes."""

from __future__ import annotations

from typing import Any

from catalog.probes import answers, golden, words
from catalog.probes.exposition import counter, gauge
from catalog.probes.golden import SENTENCE
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, Spent, stop
from catalog.probes.settings import VectorSettings
from catalog.probes.words import ALIVE, METRICS, SERVING


class Tei(ModelServer):
    """Hugging Face's server for embedding models."""

    name = "tei"
    title = "Text Embeddings Inference"
    aliases = ("text-embeddings-inference",)
    summary = "Health, its queue, and one vector (or one rank, or one class)."
    levels = {ALIVE: 30, METRICS: 30, SERVING: 60}
    timeouts = {ALIVE: 10, METRICS: 10, SERVING: 15}
    Settings = VectorSettings
    kinds = ("tei",)
    example = {
        "url": "http://node-01.lan:3000",
        "model": "BAAI/bge-m3",
        "dimension": 1024,
    }
    cost = "one request and one sentence a minute"
    without_metrics = "Ask at the port of its API, which has them too."
    # A series appears with the first request: none can be required. Those that begin
    # and those that fail are not counted: they go on while nothing is done.
    table = {
        "waiting": gauge("te_queue_size"),
        "requests": counter("te_request_success"),
    }
    info: dict[str, Any]

    async def listed(self) -> list[str]:
        """The one model, by the names that it goes by."""
        info = answers.object_of(await self.ask.get("/info"))
        names = [info.get("model_id"), info.get("served_model_name")]
        found = [name for name in names if isinstance(name, str) and name]
        if not found:
            raise stop(
                words.BAD_BODY, "Its /info names no model_id: is it this server?"
            )
        self.info, self.kind = info, self.name
        return list(dict.fromkeys(found))

    async def version(self) -> str | None:
        """As /info tells it."""
        found = self.info.get("version")
        return found if isinstance(found, str) else None

    async def golden(self, model: str) -> Found:
        """What its model is for."""
        kind = self.info.get("model_type")
        if isinstance(kind, dict) and "reranker" in kind:
            return await self._ranked("/rerank", query=SENTENCE, texts=[SENTENCE])
        if isinstance(kind, dict) and "classifier" in kind:
            return await self._ranked("/predict", inputs=SENTENCE)
        reply = await self.ask.post("/embed", json={"inputs": SENTENCE})
        data = answers.json_of(reply)
        first = data[0] if isinstance(data, list) and data else None
        found = golden.judged_vector(self.ask, answers.vector(first), model)
        found.spent, found.latency = Spent(1), reply.timings.total
        return found

    async def _ranked(self, path: str, **body: Any) -> Found:
        """A list of objects with a score."""
        reply = await self.ask.post(path, json=body)
        scored = answers.entries(answers.json_of(reply))
        if not any(isinstance(one.get("score"), int | float) for one in scored):
            raise stop(words.BAD_BODY, f"{path} answers without a score.")
        return Found(latency=reply.timings.total, spent=Spent(1))
