"""A server to be probed, as cheap as can be: `python -m tests.benchmarks.probed PORT`.

    /0/17/health         answers at once
    /250/17/health       answers after 250 ms
    /never/17/health     accepts, and never answers
    /!/status/500        from now on every answer has this status
    /!/figures           JSON: requests, and those that came while one to the same path
                         was still open

Run it as a process of its own: its CPU is nobody else's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter

_BODY = "fine\n"


class Book:
    """What all connections have in common."""

    def __init__(self) -> None:
        self.status = 200
        self.requests = 0
        self.overlaps = 0
        self.open: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()

    def begin(self, path: str) -> None:
        """A request is here."""
        self.requests += 1
        self.asked[path] += 1
        self.overlaps += self.open[path] > 0
        self.open[path] += 1

    def end(self, path: str) -> None:
        """It is answered, or its connection is gone."""
        self.open[path] -= 1

    def control(self, path: str) -> str:
        """Do what a control address says."""
        what, _, value = path.removeprefix("/!/").partition("/")
        if what == "status":
            self.status = int(value)
        figures = {
            "requests": self.requests,
            "overlaps": self.overlaps,
            "asked": len(self.asked),
        }
        return json.dumps(figures)


class Answering(asyncio.Protocol):
    """One connection: a request at a time."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.held = b""
        self.path = ""
        self.waits: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.held += data
        while b"\r\n\r\n" in self.held:
            head, _, self.held = self.held.partition(b"\r\n\r\n")
            self.asked(head)

    def asked(self, head: bytes) -> None:
        """A whole request without a body."""
        path = head.split(b" ", 2)[1].decode("latin-1")
        self.is_last = b"connection: close" in head.lower()
        if path.startswith("/!/"):
            self.say(200, self.book.control(path))
            return
        self.path = path
        self.book.begin(path)
        delay = path.split("/", 2)[1]
        if delay == "0":
            self.answer()
        elif delay.isdigit():
            loop = asyncio.get_running_loop()
            self.waits = loop.call_later(int(delay) / 1000, self.answer)

    def answer(self) -> None:
        """The answer to what was asked."""
        self.book.end(self.path)
        self.path = ""
        self.say(self.book.status, _BODY)

    def say(self, status: int, body: str) -> None:
        """Send an answer."""
        self.transport.write(
            f"HTTP/1.1 {status} Said\r\nContent-Type: text/plain\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        if self.is_last:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.waits is not None:
            self.waits.cancel()
        if self.path:
            self.book.end(self.path)
            self.path = ""


async def serve(port: int) -> None:
    """Serve for ever."""
    book = Book()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Answering(book), "127.0.0.1", port, backlog=4096
    )
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
