"""ModelServer: what all servers of models have in common, for probers to begin with.

The models are taken from the server's own list; a name is never invented and an echo
never believed. A golden input is not sent to a server that has more to do than it can,
and a late answer of one that gets on with its work is not an outage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from catalog.http.exchange import NO_ANSWER, UNFINISHED
from catalog.probes import answers, exposition, words
from catalog.probes.exposition import Reading, Table
from catalog.probes.prober import Found, Prober, Stop, stop
from catalog.probes.settings import ModelSettings, ProbeSettings

if TYPE_CHECKING:
    from catalog.probes.ask import Ask

_LATE = (NO_ANSWER, UNFINISHED)
_FULL = 0.9
_LISTED = 5


class ModelServer(Prober):
    """A server that runs models. Its metrics, where it has any, are in `table`."""

    Settings: ClassVar[type[ProbeSettings]] = ModelSettings
    # What its list of models may say of who made it; empty where that is open.
    kinds: ClassVar[tuple[str, ...]] = ()
    table: ClassVar[Table] = {}
    health: ClassVar[str] = "/health"
    metrics_path: ClassVar[str] = "/metrics"
    # What to do where the server has no such page; empty where it always has one.
    without_metrics: ClassVar[str] = ""
    # Does a request load the model that it names, at the cost of another one?
    on_demand: bool = False

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask)
        # People copy the address that their programs use.
        ask.url = ask.url.removesuffix("/v1")
        self.kind: str | None = None

    async def alive(self) -> Found:
        """It answers, and says that it is well."""
        answers.good(await self.ask.get(self.health, with_key=False))
        return Found()

    async def metrics(self) -> Found:
        """What it has to do, and what it has done."""
        reading = await self.scrape()
        return Found(
            load=reading.load,
            counters=reading.counters,
            started_at=reading.started_at,
        )

    async def scrape(self) -> Reading:
        """The page of metrics, read. Raises Stop."""
        reply = await self.ask.get(self.metrics_path)
        if reply.status in (404, 405, 501) or 300 <= reply.status < 400:
            raise self._no_metrics(reply.status)
        answers.good(reply)
        return exposition.read(reply.body.decode("utf-8", "replace"), self.table)

    def _no_metrics(self, status: int) -> Stop:
        said = f"It has no page {self.metrics_path} ({status})."
        if self.without_metrics:
            said = f"{said} {self.without_metrics}"
            return stop(words.NOT_FOUND, said, words.UNCHECKED)
        return stop(words.DRIFTED, said, words.DEGRADED)

    async def serving(self) -> Found:
        """The models it lists, and a golden input to one of them."""
        before = await self._reading()
        listed = await self.listed()
        try:
            found = await self._asked(listed, before)
        except Stop as end:
            # What it lists is known all the same.
            return self._judged(listed, end.found)
        found.version = await self._version()
        return self._judged(listed, found)

    async def _asked(self, listed: list[str], before: Reading | None) -> Found:
        if before is not None and is_full(before):
            return Found(words.BUSY, words.SATURATED, _busy(before))
        model, reason = await self.chosen(listed)
        if not model:
            return Found(words.UNCHECKED, words.NOT_LOADED, reason)
        return await self._patiently(model, before)

    async def _reading(self) -> Reading | None:
        if not self.table:
            return None
        try:
            return await self.scrape()
        except Stop:
            # Its own level tells of that.
            return None

    async def _patiently(self, model: str, before: Reading | None) -> Found:
        """The golden input; late is no outage while the server gets on."""
        try:
            return await self.golden(model)
        except Stop as late:
            if late.found.error not in _LATE or before is None:
                raise
            after = await self._reading()
            if after is None or not after.moved_since(before):
                raise
            return Found(
                words.BUSY,
                words.SATURATED,
                "No answer in time, and it gets on with other work meanwhile.",
            )

    async def listed(self) -> list[str]:
        """The ids that the server lists. Raises Stop."""
        data = answers.json_of(await self.ask.get("/v1/models"))
        self.kind = kind_of(data)
        return answers.ids(data)

    async def _version(self) -> str | None:
        try:
            return await self.version()
        except Stop:
            # It serves all the same.
            return None

    async def version(self) -> str | None:
        """The version that the server says it has; None where it says none."""
        return None

    async def golden(self, model: str) -> Found:
        """Send the golden input. Raises Stop."""
        raise NotImplementedError

    async def loaded(self, listed: list[str]) -> list[str]:
        """Those of the listed that a golden input does not load. Raises Stop."""
        return listed

    async def chosen(self, listed: list[str]) -> tuple[str, str]:
        """The model to ask, a wanted one if there is; or why there is none."""
        if not listed:
            return "", "It answers, and lists no model: there is nothing to ask."
        loaded = await self.loaded(listed)
        for names in self.ask.wanted:
            for model in loaded:
                if is_one_of(model, names):
                    return model, ""
        wanted = [names[0] for names in self.ask.wanted if names]
        missing = missing_models(self.ask.wanted, listed)
        waits = [name for name in wanted if name not in missing]
        if loaded and not (self.on_demand and waits):
            return loaded[0], ""
        named = f" ({', '.join(waits[:_LISTED])})" if waits else ""
        return "", f"Ready; serving not checked: not loaded{named}."

    def _judged(self, listed: list[str], found: Found) -> Found:
        """With what is listed, and whether that is what was declared."""
        found.models, found.kind = listed, self.kind
        missing = missing_models(self.ask.wanted, listed)
        if missing and found.verdict != words.BAD:
            shown = ", ".join(listed[:_LISTED]) or "no model"
            found.verdict, found.error = words.DEGRADED, words.WRONG_MODEL
            found.detail = f"It serves {shown}, not {', '.join(missing)}."
        return found


# Who says of itself that it owns the models that it lists.
_OWNERS = {
    "vllm": "vllm",
    "llamacpp": "llama-cpp",
    "me": "llama-cpp-python",
    "infinity": "infinity",
    "sglang": "sglang",
    "library": "ollama",
    "organization_owner": "lm-studio",
}


def kind_of(data: Any) -> str | None:
    """The kind of server that a list of models comes from; None where it is unknown."""
    owners = {entry.get("owned_by") for entry in answers.entries(data)}
    known = {_OWNERS[owner] for owner in owners if owner in _OWNERS}
    return known.pop() if len(known) == 1 else None


def is_full(reading: Reading) -> bool:
    """Has it more to do than it can? Then a golden input would only queue."""
    load = reading.load
    return load.get("waiting", 0) > 0 or load.get("kv", 0) > _FULL


def _busy(reading: Reading) -> str:
    load = reading.load
    kv = f", {load['kv']:.0%} of its cache in use" if "kv" in load else ""
    return (
        f"Busy, not asked: {load.get('running', 0):.0f} running, "
        f"{load.get('waiting', 0):.0f} waiting{kv}."
    )


def is_one_of(model: str, names: tuple[str, ...]) -> bool:
    """Is this id one of these names? Servers add `:latest`, and paths to a file."""
    short = model.rstrip("/").rpartition("/")[2]
    forms = {model, model.removesuffix(":latest"), short, short.removesuffix(".gguf")}
    lowered = {form.casefold() for form in forms}
    return any(name.casefold() in lowered for name in names)


def missing_models(wanted: list[tuple[str, ...]], listed: list[str]) -> list[str]:
    """Of the wanted models, those that are not listed, by their first name."""
    return [
        names[0]
        for names in wanted
        if names and not any(is_one_of(model, names) for model in listed)
    ]
