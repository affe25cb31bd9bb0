"""llama.cpp's own server: slots, and metrics where it is started with them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from catalog.probes import answers, golden
from catalog.probes.exposition import counter, gauge
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, Stop
from catalog.probes.settings import VectorSettings
from catalog.probes.words import ALIVE, METRICS, SERVING


class LlamaCppSettings(VectorSettings):
    """What llama-server is asked for."""

    task: Literal["completion", "embedding"] = Field(
        "completion", description="What the golden input asks for."
    )


class LlamaCpp(ModelServer):
    """The llama-server of llama.cpp."""

    name = "llama-cpp"
    title = "llama.cpp server"
    aliases = ("llama.cpp", "llama_cpp", "llamacpp", "llama-server")
    summary = "Health (and loading), slots and counters, one token (or one vector)."
    levels = {ALIVE: 30, METRICS: 15, SERVING: 60}
    # While it works on a long prompt, its metrics wait too: patience instead.
    timeouts = {ALIVE: 10, METRICS: 20, SERVING: 30}
    Settings = LlamaCppSettings
    kinds = ("llama-cpp",)
    example = {"url": "http://node-01.lan:8080", "model": "qwen2.5-7b-instruct-q4_k_m"}
    cost = "one request and one token a minute"
    without_metrics = "Start it with --metrics to see its load."
    table = {
        "running": gauge("llamacpp:requests_processing", required=True),
        "waiting": gauge("llamacpp:requests_deferred", required=True),
        "prompt_tokens": counter("llamacpp:prompt_tokens_total"),
        "cached_tokens": counter("llamacpp:prompt_tokens_cached_total"),
        "output_tokens": counter("llamacpp:tokens_predicted_total"),
        "steps": counter("llamacpp:n_decode_total"),
    }

    async def metrics(self) -> Found:
        """Its counters, and how full its slots are."""
        found = await super().metrics()
        found.load = {**(found.load or {}), **await self._slots()}
        return found

    async def _slots(self) -> dict[str, float]:
        """How many there are, and how much of all contexts the work takes."""
        try:
            data = answers.json_of(await self.ask.get("/slots"))
        except Stop:
            return {}
        slots = answers.entries(data)
        sizes = [_number(slot, "n_ctx") for slot in slots]
        if not slots or not all(sizes):
            return {}
        used = [_number(slot, "n_prompt_tokens") for slot in slots if _works(slot)]
        return {"slots": float(len(slots)), "kv": min(1.0, sum(used) / sum(sizes))}

    async def version(self) -> str | None:
        """The build, as /props tells it."""
        data = answers.object_of(await self.ask.get("/props"))
        found = data.get("build_info")
        return found if isinstance(found, str) else None

    async def golden(self, model: str) -> Found:
        """The golden input of its task."""
        if getattr(self.settings, "task", "completion") == "embedding":
            return await golden.embedding(self.ask, model)
        return await golden.completion(self.ask, model)


def _works(slot: dict[str, Any]) -> bool:
    return slot.get("is_processing") is True


def _number(slot: dict[str, Any], name: str) -> float:
    value = slot.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
