"""Ask: what a prober has in hand while it looks: server, key, memory and log.

Requests go through the one client of the loop; whatever is sent and received is noted
for whoever pressed “Probe now”, without keys and cut at 4 kB.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from catalog.http.exchange import OWN_LIMIT, Failed, Line, Reply, Request
from catalog.probes import words
from catalog.probes.prober import PROBERS, Stop, stop
from catalog.probes.settings import ProbeSettings

if TYPE_CHECKING:
    from catalog.http.asking import Client


SHOWN = 4096
Log = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """One check as the loop needs it: whom to ask, what about, and with which key.
    `held` is the moment until which it is claimed, 0 where it is not."""

    check: int
    probe: int
    identity: int
    ref: str
    prober: str
    url: str
    level: str
    interval: int
    timeout: float
    due: int
    options: Mapping[str, Any] = field(default_factory=dict)
    expects: tuple[tuple[str, ...], ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)
    key: str = field(default="", repr=False)
    key_fault: str = ""
    held: int = 0

    @property
    def node(self) -> str:
        """The server itself: of it, one golden input is asked at a time."""
        return urlsplit(self.url).netloc or str(self.probe)


def _stopped(failed: Failed) -> Stop:
    """No answer is bad, unless we are the reason."""
    verdict = words.UNCHECKED if failed.error == OWN_LIMIT else words.BAD
    return stop(failed.error, failed.message, verdict)


@lru_cache(maxsize=500)
def _settings(prober: str, options: str) -> ProbeSettings:
    """What was checked when it was declared, as settings; many probes say the same."""
    return PROBERS[prober].Settings.model_construct(**json.loads(options))


class Ask:
    """The hands of a prober during one look."""

    def __init__(self, client: Client, target: Target, log: Log | None = None) -> None:
        self.client, self.target = client, target
        self._log = log
        self.url = target.url
        self.memory = target.memory
        said = json.dumps(dict(target.options)) if target.options else "{}"
        self.settings = _settings(target.prober, said).model_copy(
            update={"url": target.url}
        )
        self.timings: dict[str, float] = {}

    @property
    def wanted(self) -> list[tuple[str, ...]]:
        """The models that should be served: for each, the names it may go by."""
        return list(self.target.expects)

    @property
    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def say(self, line: str) -> None:
        """Note something for whoever watches."""
        if self._log is not None:
            self._log(self._redacted(line))

    async def get(self, path: str, **options: Any) -> Reply:
        """GET below the URL; any status is an answer. Raises Stop."""
        return await self.send("GET", path, **options)

    async def post(self, path: str, **options: Any) -> Reply:
        """POST below the URL; any status is an answer. Raises Stop."""
        return await self.send("POST", path, **options)

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        file: bytes = b"",
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        with_key: bool = True,
    ) -> Reply:
        """Send a request below the URL. Raises Stop where there is no answer."""
        sent = dict(headers or {})
        if with_key and self.target.key_fault:
            raise stop(words.NO_KEY, self.target.key_fault, words.DEGRADED)
        if with_key and self.target.key:
            sent["Authorization"] = f"Bearer {self.target.key}"
        request = Request(
            self.url + path,
            method,
            headers=sent,
            json=json,
            form=form,
            file=file,
            timeout=timeout or self.target.timeout,
            ca=self.settings.ca,
            unverified=self.settings.tls == "unverified",
        )
        self._say_request(request)
        try:
            reply = await self.client.ask(request)
        except Failed as failed:
            self._note(failed.timings.connected, None, failed.timings.total)
            self.say(f"← {failed.message} ({failed.timings.total:.0f} ms)")
            raise _stopped(failed) from failed
        timings = reply.timings
        self._note(timings.connected, timings.first_byte, timings.total)
        self._say_reply(reply)
        return reply

    async def connect(self) -> Line:
        """A line to a server that does not speak HTTP. Raises Stop."""
        parts = urlsplit(self.url)
        self.say(f"→ connect to {parts.hostname}:{parts.port}")
        try:
            line = await self.client.connect(
                parts.hostname or "", parts.port or 0, min(5.0, self.target.timeout)
            )
        except Failed as failed:
            self.say(f"← {failed.message}")
            raise _stopped(failed) from failed
        self._note(line.timings.connected, None, line.timings.total)
        self.say(f"← connected ({line.timings.total:.1f} ms)")
        return line

    def _note(self, connected: float | None, first: float | None, total: float) -> None:
        named = {"connect": connected, "first_byte": first, "total": total}
        self.timings = {k: round(v, 2) for k, v in named.items() if v is not None}

    def _say_request(self, request: Request) -> None:
        if self._log is None:
            return
        self.say(f"→ {request.method} {request.url}")
        if "Authorization" in request.headers:
            self.say(f"  Authorization: Bearer {self.settings.key or '…'}")
        if request.json is not None:
            self.say(f"  {json.dumps(request.json)[:SHOWN]}")
        elif request.form is not None:
            self.say(f"  a form: {dict(request.form)}, and {len(request.file)} bytes")

    def _say_reply(self, reply: Reply) -> None:
        if self._log is None:
            return
        kind = reply.headers.get("content-type", "no content type")
        size, took = len(reply.body), reply.timings.total
        self.say(f"← {reply.status}, {kind}, {size} bytes ({took:.0f} ms)")
        text = reply.body[:SHOWN].decode("utf-8", "replace")
        if text.strip():
            self.say("\n".join(f"  {line}" for line in text.splitlines()))
        if size > SHOWN:
            self.say(f"  … and {size - SHOWN} bytes more")

    def _redacted(self, text: str) -> str:
        key = self.target.key
        return text.replace(key, "…") if len(key) > 3 else text
