"""Ollama: models that are loaded on demand, and leave by themselves.

A request loads what it names and throws out another model; it also begins the time
anew after which a model goes. So only what is loaded is asked, with the context that it
is loaded with, and only once after somebody has used it. No `keep_alive` is sent: it
would hold for the requests of others, too.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from catalog.probes import answers, golden, words
from catalog.probes.golden import PROMPT, SENTENCE
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, Spent, stop
from catalog.probes.resting import Rest
from catalog.probes.settings import VectorSettings
from catalog.probes.words import ALIVE, SERVING

# What stays for longer than this stays for ever: asking it delays nothing.
_FOR_EVER = 30 * 24 * 3600
_SETTLES = 0.3


class OllamaSettings(VectorSettings):
    """What Ollama is asked for."""

    task: Literal["", "completion", "embedding"] = Field(
        "",
        description="What the golden input asks for; else what the model can do.",
        examples=["embedding"],
    )


class Ollama(ModelServer):
    """The Ollama server."""

    name = "ollama"
    title = "Ollama"
    summary = (
        "Its version, its models, and one token (or one vector) of what is loaded."
    )
    levels = {ALIVE: 30, SERVING: 60}
    timeouts = {ALIVE: 20, SERVING: 15}
    Settings = OllamaSettings
    kinds = ("ollama",)
    example = {"url": "http://node-01.lan:11434", "model": "qwen2.5:7b"}
    cost = "one token after each time that somebody has used the model"
    health = "/api/version"
    on_demand = True
    tags: dict[str, dict[str, Any]]
    running: dict[str, dict[str, Any]]

    async def listed(self) -> list[str]:
        """The models that it can load."""
        self.kind = self.name
        self.tags = _by_name(await self.ask.get("/api/tags"))
        return list(self.tags)

    async def loaded(self, listed: list[str]) -> list[str]:
        """Those that are in memory."""
        self.running = _by_name(await self.ask.get("/api/ps"))
        return list(self.running)

    async def version(self) -> str | None:
        """As it says."""
        data = answers.object_of(await self.ask.get("/api/version"))
        found = data.get("version")
        return found if isinstance(found, str) else None

    async def golden(self, model: str) -> Found:
        """One token or vector, unless that would keep the model loaded."""
        rest, now = Rest.of(self.ask.memory), self.ask.now
        ends = str(self.running[model].get("expires_at", ""))
        left = _seconds_left(ends, now)
        stays = left is not None and left > _FOR_EVER
        if rest.model == model and rest.ends == ends and ends and not stays:
            return self._with_load(rest.found(now))
        if left is not None and left < self.ask.target.timeout:
            return self._with_load(
                Found(
                    words.UNCHECKED,
                    words.NOT_LOADED,
                    "Ready; serving not checked: about to be unloaded.",
                )
            )
        found = await self._asked_once(model)
        # It notes the new end a moment after it has answered.
        await asyncio.sleep(_SETTLES)
        after = _by_name(await self.ask.get("/api/ps")).get(model, {})
        now_ends = str(after.get("expires_at", ""))
        remembered = found.memory or self.ask.memory
        found.memory = Rest(model, now, now_ends).kept(remembered)
        return self._with_load(found)

    async def _asked_once(self, model: str) -> Found:
        if self._task(model) == "embedding":
            return await self._vector(model)
        body: dict[str, Any] = {"model": model, "prompt": PROMPT, "stream": False}
        body["options"] = {"num_predict": 1, "temperature": 0, **self._context(model)}
        reply = await self.ask.post("/api/generate", json=body)
        data = answers.object_of(reply)
        if not data.get("done"):
            raise stop(words.BAD_BODY, "It answers, and completes nothing.")
        spent = Spent(1, _count(data, "prompt_eval_count"), _count(data, "eval_count"))
        return Found(latency=reply.timings.total, spent=spent)

    async def _vector(self, model: str) -> Found:
        body: dict[str, Any] = {"model": model, "input": SENTENCE}
        if context := self._context(model):
            body["options"] = context
        reply = await self.ask.post("/api/embed", json=body)
        data = answers.object_of(reply)
        vectors = data.get("embeddings")
        first = vectors[0] if isinstance(vectors, list) and vectors else None
        found = golden.judged_vector(self.ask, answers.vector(first), model)
        found.spent = Spent(1, _count(data, "prompt_eval_count"))
        found.latency = reply.timings.total
        return found

    def _task(self, model: str) -> str:
        said = getattr(self.settings, "task", "")
        can = self.tags.get(model, {}).get("capabilities")
        only = isinstance(can, list) and "completion" not in can and "embedding" in can
        return said or ("embedding" if only else "completion")

    def _context(self, model: str) -> dict[str, int]:
        """The context that it is loaded with: another one would load it again."""
        context = self.running[model].get("context_length")
        return {"num_ctx": context} if isinstance(context, int) and context > 0 else {}

    def _with_load(self, found: Found) -> Found:
        sizes = [one.get("size_vram") for one in self.running.values()]
        load = {"loaded": float(len(sizes))}
        if all(isinstance(size, int | float) for size in sizes):
            load["vram_bytes"] = float(sum(map(float, filter(None, sizes))))
        found.load = {**(found.load or {}), **load}
        return found


def _by_name(reply: Any) -> dict[str, dict[str, Any]]:
    """The models of an answer by name. Raises Stop."""
    data = answers.object_of(reply)
    if "models" not in data:
        raise stop(words.OTHER_SERVER, f"{reply.url} lists no models: is it Ollama?")
    found = {}
    for entry in answers.entries(data, "models"):
        name = entry.get("name") or entry.get("model")
        if isinstance(name, str) and name:
            found[name] = entry
    return found


def _seconds_left(ends: str, now: float) -> float | None:
    """Until a model goes; None where the server does not say it."""
    # Nanoseconds are more than Python reads.
    head, dot, rest = ends.partition(".")
    zone = rest.lstrip("0123456789") if dot else ""
    try:
        moment = datetime.fromisoformat(f"{head}{zone}")
    except ValueError:
        return None
    try:
        return moment.timestamp() - now
    except (OverflowError, OSError):
        return None


def _count(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0
