"""Any server with OpenAI's routes, of which nothing more is known."""

from __future__ import annotations

from catalog.probes import golden
from catalog.probes.openai_like import OpenaiLike
from catalog.probes.prober import Found
from catalog.probes.words import ALIVE, SERVING


class Openai(OpenaiLike):
    """A server that speaks like OpenAI's."""

    name = "openai"
    title = "OpenAI-compatible"
    aliases = (
        "lm-studio",
        "lmstudio",
        "sglang",
        "llama-cpp-python",
    )
    summary = "The list of models, and one token."
    levels = {ALIVE: 30, SERVING: 60}
    # It has no counters that could tell busy from frozen: patience instead.
    timeouts = {ALIVE: 20, SERVING: 15}
    example = {"url": "http://node-01.lan:8000", "model": "my-model"}
    cost = "one request and one token a minute"

    async def golden(self, model: str) -> Found:
        """One token."""
        return await golden.completion(self.ask, model)
