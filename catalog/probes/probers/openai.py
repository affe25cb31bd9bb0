"""Any server with OpenAI's routes, of which nothing more is known."""

from __future__ import annotations

from typing import ClassVar

from catalog.probes import answers, golden, words
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, stop
from catalog.probes.words import ALIVE, SERVING


class Openai(ModelServer):
    """A server that speaks like OpenAI's."""

    name = "openai"
    title = "OpenAI-compatible"
    aliases: ClassVar[tuple[str, ...]] = (
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

    async def alive(self) -> Found:
        """It lists models; a key that it refuses is an answer too."""
        answers.json_of(await self.ask.get("/v1/models"))
        return Found()

    async def loaded(self, listed: list[str]) -> list[str]:
        """Of servers that load on demand, what they have loaded."""
        if self.kind == "ollama":
            raise stop(
                words.NOT_LOADED,
                "This is Ollama, which loads what it is asked for: not asked. Declare "
                "it with type: ollama.",
                words.UNCHECKED,
            )
        if self.kind != "lm-studio":
            return listed
        self.on_demand = True
        data = answers.json_of(await self.ask.get("/api/v0/models"))
        entries = answers.entries(data)
        names = [one.get("id") for one in entries if one.get("state") == "loaded"]
        return [name for name in names if isinstance(name, str) and name]

    async def golden(self, model: str) -> Found:
        """One token."""
        return await golden.completion(self.ask, model)
