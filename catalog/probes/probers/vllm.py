"""vLLM: completions, embeddings or transcriptions, with counters for everything.

Its health is that of the process that answers, not of the engine: only a golden input
and moving counters see an engine that is frozen.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.probes import answers, golden
from catalog.probes.exposition import counter, gauge
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found
from catalog.probes.settings import ProbeSettings, VectorSettings
from catalog.probes.words import ALIVE, METRICS, SERVING


class VllmSettings(VectorSettings):
    """What vLLM is asked for."""

    task: Literal["completion", "embedding", "transcription"] = Field(
        "completion", description="What the golden input asks for."
    )


class Vllm(ModelServer):
    """The vLLM server."""

    name = "vllm"
    title = "vLLM"
    summary = "Health, engine counters, one token (or one vector, one second of sound)."
    levels = {ALIVE: 30, METRICS: 15, SERVING: 60}
    timeouts = {ALIVE: 10, METRICS: 10, SERVING: 10}
    Settings = VllmSettings
    kinds = ("vllm",)
    example = {"url": "http://node-01.lan:8000", "model": "Qwen/Qwen2.5-7B-Instruct"}
    cost = "one request and one token a minute"
    table = {
        "running": gauge("vllm:num_requests_running", required=True),
        "waiting": gauge("vllm:num_requests_waiting", required=True),
        "kv": gauge("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", how=max),
        "prompt_tokens": counter("vllm:prompt_tokens_total", required=True),
        "output_tokens": counter("vllm:generation_tokens_total", required=True),
        "requests": counter("vllm:request_success_total"),
        "steps": counter("vllm:iteration_tokens_total_count"),
    }

    async def version(self) -> str | None:
        """`/version`, which no key guards."""
        data = answers.object_of(await self.ask.get("/version", with_key=False))
        found = data.get("version")
        return found if isinstance(found, str) else None

    async def golden(self, model: str) -> Found:
        """The golden input of its task."""
        task = getattr(self.settings, "task", "completion")
        if task == "embedding":
            return await golden.embedding(self.ask, model)
        if task == "transcription":
            return await golden.transcription(self.ask, model)
        return await golden.completion(self.ask, model)

    @classmethod
    def intervals(cls, settings: ProbeSettings) -> dict[str, int]:
        """Speech costs more than a token: it is asked less often."""
        found = super().intervals(settings)
        is_speech = getattr(settings, "task", "") == "transcription"
        if is_speech and "serving" not in settings.every and SERVING in found:
            found[SERVING] = 300
        return found
