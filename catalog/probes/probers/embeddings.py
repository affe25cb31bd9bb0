"""Any server that makes vectors by OpenAI's route."""

from __future__ import annotations

from catalog.probes import golden
from catalog.probes.openai_like import OpenaiLike
from catalog.probes.prober import Found
from catalog.probes.settings import VectorSettings
from catalog.probes.words import ALIVE, SERVING


class Embeddings(OpenaiLike):
    """A server that makes vectors like OpenAI's."""

    name = "embeddings"
    title = "Embeddings"
    aliases = ("embedding",)
    summary = "The list of models, and the vector of one sentence: its dimension, its "
    summary += "norm, and whether it is the one of before."
    levels = {ALIVE: 30, SERVING: 60}
    timeouts = {ALIVE: 20, SERVING: 15}
    Settings = VectorSettings
    example = {
        "url": "http://node-01.lan:8000",
        "model": "BAAI/bge-m3",
        "dimension": 1024,
        "normalized": True,
    }
    cost = "one request and about six tokens a minute"

    async def golden(self, model: str) -> Found:
        """One vector."""
        return await golden.embedding(self.ask, model)
