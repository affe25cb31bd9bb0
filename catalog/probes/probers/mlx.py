"""mlx_lm.server: models on a Mac.

It lists what has been downloaded, not what is loaded, and loads (or even downloads)
whatever it is asked for. So it is asked only for a model of which it is known that it
was started with it.
"""

from __future__ import annotations

from catalog.probes import answers, golden
from catalog.probes.model_server import ModelServer, is_one_of
from catalog.probes.prober import Found
from catalog.probes.words import ALIVE, SERVING


class Mlx(ModelServer):
    """The server of mlx_lm."""

    name = "mlx"
    title = "MLX"
    aliases = ("mlx-lm", "mlx_lm", "mlx_lm.server")
    summary = "Health, its models, and one token."
    levels = {ALIVE: 30, SERVING: 60}
    # It has no counters, and may answer one request after the other: patience instead.
    timeouts = {ALIVE: 24, SERVING: 60}
    example = {
        "url": "http://node-01.lan:8080",
        "model": "mlx-community/Qwen2.5-7B-Instruct-4bit",
    }
    cost = "one request and one token a minute"
    on_demand = True

    async def listed(self) -> list[str]:
        """What it lists; without a cache of downloads it answers with nothing."""
        reply = answers.good(await self.ask.get("/v1/models"))
        return answers.ids(answers.json_of(reply)) if reply.body.strip() else []

    async def loaded(self, listed: list[str]) -> list[str]:
        """The model that it was started with: the one it lists, the one that is a
        path, or the one that the probe names."""
        paths = [model for model in listed if model.startswith("/")]
        if len(listed) == 1 or len(paths) == 1:
            return paths or listed
        own = getattr(self.settings, "model", "")
        return [model for model in listed if own and is_one_of(model, (own,))]

    async def chosen(self, listed: list[str]) -> tuple[str, str]:
        """Only a model that it has loaded for certain."""
        model, reason = await super().chosen(listed)
        if listed and not model:
            reason = (
                f"{reason} It lists {len(listed)} models and does not say which one is "
                "loaded: name the one that it is started with as model of this probe."
            )
        return model, reason

    async def golden(self, model: str) -> Found:
        """One token."""
        return await golden.completion(self.ask, model)
