"""OpenaiLike: servers with OpenAI's routes, of which nothing more is known."""

from __future__ import annotations

from catalog.probes import answers, words
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, stop


class OpenaiLike(ModelServer):
    """It lists models; whether it loads them on demand is seen by who owns them."""

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
