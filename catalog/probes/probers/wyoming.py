"""Wyoming: speech servers of home automation, over TCP.

An event is a line of JSON with its type, then `data_length` bytes of JSON and
`payload_length` bytes of sound. A server need not answer `ping`; it answers `describe`.
"""

from __future__ import annotations

import asyncio
import io
import json
import time
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from catalog.http.exchange import NO_ANSWER, Line
from catalog.probes import words
from catalog.probes.golden import RATE, second_of_audio
from catalog.probes.model_server import ModelServer
from catalog.probes.prober import Found, Spent, Stop, stop
from catalog.probes.words import ALIVE, SERVING

_LONGEST = 512 * 1024
_CHUNK = 8192
_EVENTS = 100
_SHOWN = 4096
_FORMAT = {"rate": RATE, "width": 2, "channels": 1}


class Wyoming(ModelServer):
    """A Wyoming server, such as faster-whisper of Home Assistant."""

    name = "wyoming"
    title = "Wyoming"
    aliases = ("wyoming-faster-whisper",)
    summary = "What it says of itself, and the text of one second of sound."
    levels = {ALIVE: 30, SERVING: 300}
    timeouts = {ALIVE: 10, SERVING: 15}
    kinds = ("wyoming",)
    schemes = ("tcp",)
    example = {"url": "tcp://node-01.lan:10300", "model": "large-v3"}
    cost = "one second of sound every five minutes"
    info: Mapping[str, Any] = {}

    async def alive(self) -> Found:
        """It describes itself."""
        took = await self._describe()
        return Found(latency=took, version=self._version_of_it(), kind=self.name)

    async def listed(self) -> list[str]:
        """The models for speech that it has installed."""
        await self._describe()
        self.kind = self.name
        models = [
            model for one in self._programs() for model in _objects(one, "models")
        ]
        names = [m.get("name") for m in models if m.get("installed") is not False]
        return [name for name in names if isinstance(name, str) and name]

    async def chosen(self, listed: list[str]) -> tuple[str, str]:
        """Whatever it transcribes with; a server for other things is not asked."""
        if not self._programs():
            others = ", ".join(sorted(key for key, value in self.info.items() if value))
            offered = f" It offers {others}." if others else ""
            return "", f"It recognises no speech: serving not checked.{offered}"
        return await super().chosen(listed)

    async def version(self) -> str | None:
        """Of its first program for speech."""
        return self._version_of_it()

    def _version_of_it(self) -> str | None:
        found = next(iter(self._programs()), {}).get("version")
        return found if isinstance(found, str) else None

    def _programs(self) -> list[dict[str, Any]]:
        return _objects(self.info, "asr")

    async def _describe(self) -> float:
        """Ask what it is; how long that took, in milliseconds."""
        async with self._line() as line:
            self._send(line, "describe")
            self.info = await self._until(line, "info")
            return line.timings.total

    async def golden(self, model: str) -> Found:
        """The text of one second of sound, by the model that it uses anyway."""
        async with self._line() as line:
            self._send(line, "transcribe", {"language": "en"})
            self._send(line, "audio-start", _FORMAT)
            sound = _samples()
            for at in range(0, len(sound), _CHUNK):
                self._send(line, "audio-chunk", _FORMAT, sound[at : at + _CHUNK])
            self._send(line, "audio-stop")
            data = await self._until(line, "transcript")
        if not isinstance(data.get("text"), str):
            raise stop(words.BAD_BODY, "It answers with a transcript without a text.")
        return Found(latency=line.timings.total, spent=Spent(1))

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        """A connection that is closed in the end, with what goes wrong in words."""
        began, patience = time.perf_counter(), self.ask.target.timeout
        line = await self.ask.connect()
        try:
            async with asyncio.timeout(patience):
                yield line
        except TimeoutError:
            said = f"Connected, but no answer within {patience:g} s."
            raise stop(NO_ANSWER, said) from None
        except (OSError, EOFError) as error:
            said = f"It hung up before it had answered: {type(error).__name__}."
            raise stop("broken-off", said) from error
        finally:
            line.timings.total = (time.perf_counter() - began) * 1000
            line.close()

    def _send(
        self,
        line: Line,
        kind: str,
        data: Mapping[str, Any] | None = None,
        payload: bytes = b"",
    ) -> None:
        body = json.dumps(data).encode() if data else b""
        header: dict[str, Any] = {"type": kind}
        if body:
            header["data_length"] = len(body)
        if payload:
            header["payload_length"] = len(payload)
        self.ask.say(f"→ {kind}, {len(body) + len(payload)} bytes")
        line.writer.write(json.dumps(header).encode() + b"\n" + body + payload)

    async def _until(self, line: Line, kind: str) -> dict[str, Any]:
        """The data of the next event of a type; others are passed over."""
        await line.writer.drain()
        for _ in range(_EVENTS):
            found, data = await _event(line.reader)
            shown = json.dumps(data)[:_SHOWN] if data else ""
            self.ask.say(f"← {found} {shown}".rstrip())
            if found == kind:
                return data
            if found == "error":
                raise stop(
                    words.SERVER_ERROR, f"It answers with an error: {_text(data)}"
                )
        raise stop(words.BAD_BODY, f"It sends {_EVENTS} events, and none is {kind}.")


async def _event(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]]:
    """The next event: its type and data. Raises Stop, or EOFError at the end."""
    try:
        line = await reader.readuntil()
    except asyncio.LimitOverrunError:
        raise _no_event("a line without an end") from None
    header = _object(line)
    data = _part(header.get("data"))
    if size := _length(header, "data_length"):
        data |= _object(await reader.readexactly(size))
    if size := _length(header, "payload_length"):
        await reader.readexactly(size)
    return str(header.get("type", ""))[:40], data


def _object(line: bytes) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _no_event(repr(line[:80]))
    return found


def _length(header: Mapping[str, Any], name: str) -> int:
    size = header.get(name) or 0
    if not isinstance(size, int) or not 0 <= size <= _LONGEST:
        raise _no_event(f"{name} {size!r}"[:80])
    return size


def _no_event(seen: str) -> Stop:
    return stop(
        words.BAD_BODY, f"It answers, but not with an event of Wyoming: {seen}."
    )


def _part(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _text(data: Mapping[str, Any]) -> str:
    return str(data.get("text") or data.get("code") or "without a text")[:200]


def _objects(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key)
    entries = found if isinstance(found, list) else []
    return [one for one in entries if isinstance(one, dict)]


def _samples() -> bytes:
    with wave.open(io.BytesIO(second_of_audio())) as audio:
        found: bytes = audio.readframes(audio.getnframes())
    return found
