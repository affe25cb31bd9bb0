"""What goes out and what comes back: Request, Reply, Line, and how it may fail.

Plain values, without the client: whoever only reads answers does not load it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BODY = 512 * 1024
# What may go wrong before there is an answer.
NOT_ALLOWED, DNS, REFUSED, TLS = "not-allowed", "dns", "refused", "tls"
NO_CONNECTION, NO_ANSWER, BROKEN = "connect-timeout", "first-byte-timeout", "broken-off"
UNFINISHED, TOO_LARGE = "body-timeout", "too-large"
# This machine has no more files, ports or memory for connections: it is not the server.
OWN_LIMIT = "own-limit"


@dataclass
class Timings:
    """Milliseconds since the request began; None for what was not reached."""

    resolved: bool = False
    connected: float | None = None
    first_byte: float | None = None
    total: float = 0.0


class Failed(Exception):
    """No answer; `error` is one of the classes above, the message is for people."""

    def __init__(self, error: str, message: str, timings: Timings) -> None:
        super().__init__(message)
        self.error, self.message, self.timings = error, message, timings


@dataclass(frozen=True)
class Reply:
    """An answer, whatever its status. `body` is whole, or it would have failed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    timings: Timings
    url: str = ""
    days_of_certificate: float | None = None


@dataclass(frozen=True)
class Line:
    """An open connection: streams of bytes, and how long it took to open."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    timings: Timings

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


@dataclass(frozen=True)
class Request:
    """What to send: JSON, a form with a file, or a body as it is. `ca` is PEM to trust
    instead of the system's; `unverified` trusts any certificate."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    file: bytes = b""
    body: bytes | None = None
    follows: bool = True
    timeout: float = 10.0
    max_bytes: int = MAX_BODY
    ca: str = ""
    unverified: bool = False
