"""A small real server on loopback, whose answers a test writes down."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
HANGS = "hangs"


@dataclass
class Loopback:
    """`answers` by `METHOD /path`; a callable is asked, HANGS never answers."""

    port: int = 0
    answers: dict[str, Answer | str | Callable[[], Answer]] = field(
        default_factory=dict
    )
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self, method: str = "") -> list[str]:
        """What was asked for, in order."""
        return [path for verb, path, _ in self.heard if verb == (method or verb)]


@contextlib.contextmanager
def serving(**answers: Any) -> Iterator[Loopback]:
    """A server for a test; `get` and `post` give answers by path."""
    loop = Loopback()
    for verb, by_path in answers.items():
        loop.answers |= {f"{verb.upper()} {path}": a for path, a in by_path.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(loop))
    server.daemon_threads = True
    loop.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.done.set()
        server.shutdown()
        server.server_close()


def _handler(loop: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Quiet."""

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            loop.heard.append((self.command, self.path, body))
            loop.headers.append(dict(self.headers.items()))
            found = loop.answers.get(f"{self.command} {self.path}", (404, "not found"))
            if isinstance(found, str):
                # It hangs.
                loop.done.wait(60)
                return
            answer: Any = found() if callable(found) else found
            status, said, *more = answer
            raw = said if isinstance(said, bytes) else _text(said).encode()
            self.send_response(status)
            kind = "text/plain" if isinstance(said, str | bytes) else "application/json"
            for name, value in {
                "Content-Type": kind,
                **(more[0] if more else {}),
            }.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_POST = do_HEAD = _answer

    return Handler


def _text(said: Any) -> str:
    return said if isinstance(said, str) else json.dumps(said)


def wait_for(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for what another thread does."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)
