"""Wyoming's events over TCP, for the recorder: describe, ping, transcribe."""

from __future__ import annotations

import json
import socket
import time
import wave
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from tests.nodes.asking import sound
from tests.nodes.processes import Node

FORMAT = {"rate": 16000, "width": 2, "channels": 1}
PATIENCE = 30.0


def event(kind: str, data: dict[str, Any] | None = None, payload: bytes = b"") -> bytes:
    """One event as bytes: a JSON line, its data, its payload."""
    header: dict[str, Any] = {"type": kind}
    body = json.dumps(data).encode() if data else b""
    if body:
        header["data_length"] = len(body)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + body + payload


def read(stream: BinaryIO) -> dict[str, Any]:
    """The next event."""
    line = stream.readline()
    if not line:
        raise ConnectionError("closed")
    header: dict[str, Any] = json.loads(line)
    if length := header.get("data_length"):
        header["data"] = json.loads(stream.read(length))
    if length := header.get("payload_length"):
        stream.read(length)
    return header


def speech() -> Iterator[tuple[str, bytes]]:
    """The events of one transcription."""
    with wave.open(BytesIO(sound())) as file:
        samples = file.readframes(file.getnframes())
    yield "transcribe", event("transcribe", {"language": "en"})
    yield "audio-start", event("audio-start", FORMAT)
    for begin in range(0, len(samples), 8192):
        yield "audio-chunk", event("audio-chunk", FORMAT, samples[begin : begin + 8192])
    yield "audio-stop", event("audio-stop")


def conversation(node: Node, sent: bytes, patience: float) -> dict[str, Any]:
    """Send events on a new connection and wait for the first answer."""
    parts = urlsplit(node.url)
    address = (parts.hostname or "", parts.port or 0)
    begin = time.monotonic()
    try:
        with socket.create_connection(address, timeout=patience) as connection:
            connection.sendall(sent)
            with connection.makefile("rb") as stream:
                said = read(stream)
    except (OSError, ValueError) as error:
        seconds = round(time.monotonic() - begin, 2)
        return {"error": type(error).__name__, "seconds": seconds}
    return {"response": {"status": said["type"], "body": json.dumps(said)}}


def recorded(node: Node) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """The cases of a Wyoming server: name, what is sent, what comes."""
    for kind, patience in (("describe", PATIENCE), ("ping", 3.0), ("nonsense", 3.0)):
        yield kind, {"events": [kind]}, conversation(node, event(kind), patience)
    yield (
        "not-wyoming",
        {"bytes": "GET / HTTP/1.0"},
        conversation(node, b"GET / HTTP/1.0\r\n\r\n", 3.0),
    )
    names, pieces = zip(*speech(), strict=True)
    outcome = conversation(node, b"".join(pieces), PATIENCE)
    yield "transcribe", {"events": list(names), "format": FORMAT}, outcome
