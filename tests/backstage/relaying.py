"""A relay before a server that keeps what it was asked and every byte that it said."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import urllib3

# Each connection has its own; the relay unpacks, so that what is kept can be read.
_HOPS = {"host", "connection", "accept-encoding", "content-length", "keep-alive"}
_BACK = {"connection", "content-length", "transfer-encoding", "server", "date"}


@dataclass
class Exchange:
    """One request, and what came back."""

    method: str
    path: str
    status: int
    body: bytes


@dataclass
class Relay:
    """The address of the relay, and what went through it."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list)
    # Every method with its path, also of what was taken.
    went: set[tuple[str, str]] = field(default_factory=set)

    def keep(self, one: Exchange) -> None:
        """Remember what went through."""
        self.exchanges.append(one)
        self.went.add((one.method, one.path.partition("?")[0]))

    def said(self) -> bytes:
        """Every byte that was served."""
        return b"\n".join(one.body for one in self.exchanges)

    def taken(self) -> list[Exchange]:
        """What went through since this was last asked."""
        found, self.exchanges = self.exchanges, []
        return found


@contextlib.contextmanager
def before(base: str) -> Iterator[Relay]:
    """A relay before the server at `base`, an address without a slash at its end."""
    pool = urllib3.PoolManager(retries=False, timeout=60)
    relay = Relay("")

    class Handler(BaseHTTPRequestHandler):
        def pass_on(self) -> None:
            sent = {k: v for k, v in self.headers.items() if k.lower() not in _HOPS}
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length) if length else None
            url = base + self.path
            answer = pool.request(
                self.command, url, body=body, headers=sent, redirect=False
            )
            said = Exchange(self.command, self.path, answer.status, answer.data)
            relay.keep(said)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _BACK:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        do_GET = do_POST = do_PUT = do_DELETE = pass_on

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    relay.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        pool.clear()
