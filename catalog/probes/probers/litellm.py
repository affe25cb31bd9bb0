"""LiteLLM: a proxy in front of other servers.

Its /health asks a real question of every model and is never touched. A golden input
costs money at whoever is behind it, so none is sent unless `every.serving` is set.
"""

from __future__ import annotations

from catalog.http.exchange import Reply
from catalog.probes import answers, golden, words
from catalog.probes.exposition import counter, gauge
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, Stop, stop
from catalog.probes.words import ALIVE, METRICS, SERVING


class Litellm(ModelServer):
    """The LiteLLM proxy."""

    name = "litellm"
    title = "LiteLLM"
    summary = "Liveliness, its database, its models and counters; tokens on request."
    levels = {ALIVE: 30, METRICS: 60, SERVING: 0}
    timeouts = {ALIVE: 10, METRICS: 15, SERVING: 15}
    kinds = ("litellm",)
    example = {
        "url": "http://proxy-01.lan:4000",
        "model": "gpt-4o-mini",
        "key": "${LITELLM_KEY}",
    }
    cost = "nothing, unless every.serving is set: then one paid token each time"
    # Without the slash it sends on to its own idea of its address, which a proxy in
    # front of it may not share.
    metrics_path = "/metrics/"
    without_metrics = "Add prometheus to its callbacks to see its load."
    table = {
        # Not named running: a long answer moves none of its counters until it ends.
        "in_flight": gauge("litellm_in_flight_requests"),
        "prompt_tokens": counter("litellm_input_tokens_metric_total"),
        "output_tokens": counter("litellm_output_tokens_metric_total"),
        "requests": counter("litellm_proxy_total_requests_metric_total"),
        "spend": counter("litellm_spend_metric_total"),
    }

    async def alive(self) -> Found:
        """It is lively, and has its database where it has one."""
        answers.good(await self.ask.get("/health/liveliness", with_key=False))
        reply = await self.ask.get("/health/readiness", with_key=False)
        if reply.status == 404:
            return Found()
        ready = answers.object_of(reply)
        database = str(ready.get("db", ""))
        if "disconnected" in database.lower():
            return Found(
                words.DEGRADED, words.CONDITION, f"It says of its database: {database}."
            )
        version = ready.get("litellm_version")
        return Found(version=version if isinstance(version, str) else None)

    async def metrics(self) -> Found:
        """The models that it lists, and its counters."""
        listed = await self.listed()
        try:
            found = await super().metrics()
        except Stop as end:
            if end.found.verdict != words.UNCHECKED:
                raise
            found = end.found
        return self._judged(listed, found)

    async def listed(self) -> list[str]:
        """The names that it answers to."""
        self.kind = self.name
        return answers.ids(
            answers.json_of(self._open(await self.ask.get("/v1/models")))
        )

    def _open(self, reply: Reply) -> Reply:
        """Without a database it answers a wrong key with 400, and none with 500."""
        if reply.status == 400 and b"no_db_connection" in reply.body:
            raise stop(
                words.KEY_WRONG, "It answers, and knows no such key.", words.DEGRADED
            )
        if reply.status in (401, 403, 500) and not self.ask.target.key:
            raise stop(
                words.NO_KEY,
                f"It lists its models only to those with a key ({reply.status}): "
                "register one under Settings, Secrets, and name it as key.",
                words.UNCHECKED,
            )
        return reply

    async def golden(self, model: str) -> Found:
        """One token, by whoever is behind it."""
        try:
            return await golden.completion(self.ask, model)
        except Stop as end:
            # It gives those a rest who fail: that is not the same as busy.
            if end.found.verdict == words.BUSY and "cooldown" in end.found.detail:
                end.found.verdict = words.DEGRADED
            raise
