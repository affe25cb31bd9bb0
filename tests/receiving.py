"""Receivers of messages on loopback, for tests: a web server and a mail server."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Request:
    """One that came in."""

    path: str
    headers: dict[str, str]
    body: str


@dataclass
class Receiving:
    """A web server: what came in, and with which status it answers."""

    port: int = 0
    status: int = 200
    location: str = ""
    wait: str = ""
    requests: list[Request] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    @property
    def at(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"


@contextmanager
def web(*, hangs: bool = False) -> Iterator[Receiving]:
    """A web server that takes what is posted; or lets everybody wait."""
    state = Receiving()
    if not hangs:
        state.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.requests.append(
                Request(self.path, dict(self.headers), body.decode("utf-8"))
            )
            state.hold.wait(20)
            self.send_response(state.status)
            for name, value in (
                ("Location", state.location),
                ("Retry-After", state.wait),
            ):
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        state.hold.set()
        server.shutdown()
        server.server_close()


@dataclass
class Mailbox:
    """A mail server: what was said to it line by line, and the mails."""

    port: int = 0
    lines: list[str] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)


_ANSWERS = {
    "EHLO": "250-mail.test\r\n250 AUTH PLAIN",
    "AUTH": "235 fine",
    "DATA": "354 go on",
    "QUIT": "221 bye",
}


class _Mail(socketserver.StreamRequestHandler):
    mailbox: Mailbox

    def handle(self) -> None:
        self.say("220 mail.test")
        for raw in self.rfile:
            line = raw.decode("utf-8").rstrip("\r\n")
            self.mailbox.lines.append(line)
            word = line.split(" ")[0].upper()
            self.say(_ANSWERS.get(word, "250 fine"))
            if word == "DATA":
                self.take()
                self.say("250 taken")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def take(self) -> None:
        lines = iter(lambda: self.rfile.readline().decode("utf-8").rstrip("\r\n"), ".")
        self.mailbox.mails.append("\n".join(lines))


@contextmanager
def mail() -> Iterator[Mailbox]:
    """A mail server without TLS that takes every mail and every password."""
    box = Mailbox()

    class Handler(_Mail):
        mailbox = box

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
