"""Servers that write down what was said, by OpenAI's route: speaches and its like.

A second of sound costs as much as thirty, so it is sent seldom. Speaches loads the
model that it is asked for, and lets it go when nobody asks: only what it has loaded is
asked, and not so often that it stays loaded because of us.
"""

from __future__ import annotations

from pydantic import Field

from catalog.probes import answers, golden
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found
from catalog.probes.resting import Rest
from catalog.probes.settings import ModelSettings
from catalog.probes.words import ALIVE, SERVING


class WhisperSettings(ModelSettings):
    """What a server for speech is asked for."""

    unloads_after: int = Field(
        300,
        ge=0,
        le=24 * 3600,
        description="Seconds after which a server that loads on demand lets an idle "
        "model go. It is asked no oftener than that.",
    )


class Whisper(ModelServer):
    """A server for speech, such as speaches."""

    name = "whisper"
    title = "Whisper (OpenAI routes)"
    aliases = ("speaches", "faster-whisper", "faster-whisper-server")
    summary = "Health, its models, and the text of one second of sound."
    levels = {ALIVE: 30, SERVING: 300}
    timeouts = {ALIVE: 10, SERVING: 15}
    Settings = WhisperSettings
    example = {
        "url": "http://node-01.lan:8000",
        "model": "Systran/faster-whisper-large-v3",
    }
    cost = "one second of sound every five minutes"

    async def alive(self) -> Found:
        """Its health; of one that has no such route, its list of models."""
        reply = await self.ask.get("/health", with_key=False)
        if reply.status == 404:
            reply = await self.ask.get("/v1/models")
        answers.good(reply)
        return Found()

    async def loaded(self, listed: list[str]) -> list[str]:
        """What it has loaded, where it tells that."""
        reply = await self.ask.get("/api/ps")
        if reply.status in (404, 405):
            return listed
        models = answers.object_of(reply).get("models")
        names = models if isinstance(models, list) else []
        self.on_demand = True
        return [name for name in names if isinstance(name, str) and name]

    async def golden(self, model: str) -> Found:
        """One second of sound, unless that would keep the model loaded."""
        if not self.on_demand:
            return await golden.transcription(self.ask, model)
        rest, now = Rest.of(self.ask.memory), self.ask.now
        least = getattr(self.settings, "unloads_after", 300) + 60
        if rest.model == model and now - rest.asked < least:
            return rest.found(now)
        found = await golden.transcription(self.ask, model)
        found.memory = Rest(model, now).kept(found.memory)
        return found
