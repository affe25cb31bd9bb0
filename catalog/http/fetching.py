"""Asking for a document: one request, its time and size limit, its redirects."""

from __future__ import annotations

import json
import socket
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from catalog.http.addresses import (
    Refused,
    TooLarge,
    Unreachable,
    WrongStatus,
    host_and_port,
    judged_address,
)

TIMEOUT = 20.0
MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 5
_AGENT = "Greenroom"
_UNQUOTED = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Answer:
    """What came back. `unchanged` means 304: the caller's copy is still good."""

    body: bytes
    etag: str = ""
    unchanged: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def fetch(
    url: str,
    *,
    etag: str = "",
    timeout: float = TIMEOUT,
    authorization: str = "",
    ca: str = "",
    question: Any = None,
) -> Answer:
    """GET a URL. Private networks and the public internet are allowed; link-local and
    metadata addresses never, nor plain http outside the private ranges, nor a redirect
    from the internet into a private network.

    `authorization` is a header for this host alone: a redirect to another does not
    carry it. `ca` are the certificates (PEM) to trust instead of the system's. A
    `question` is sent as JSON with POST, and follows no redirect. Raises FetchError.
    """
    deadline = time.monotonic() + timeout
    body = None if question is None else json.dumps(question).encode()
    is_outside = False
    first: tuple[str, str] | None = None
    for _ in range(MAX_REDIRECTS + 1):
        with closing(_Line(url, deadline, ca)) as line:
            if is_outside and not line.is_outside:
                raise Refused(f"The internet redirects to {url}, a private address.")
            is_outside = line.is_outside
            first = first or _origin(url)
            opens = authorization if _origin(url) == first else ""
            response = line.ask(etag, opens, body)
            target = response.get_redirect_location()
            if not target:
                return _answer(url, response, deadline)
            if body is not None:
                raise Unreachable(f"{url} redirects to {target}: name that address.")
            url = _joined(url, target)
    raise Unreachable(f"{url} redirects more than {MAX_REDIRECTS} times.")


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _joined(url: str, target: str) -> str:
    try:
        return urljoin(url, target)
    except ValueError as error:
        raise Refused(f"{url} redirects to {target!r}, which is no URL.") from error


class _Line:
    """One connection. It is cut at the deadline, so that a drip cannot hold it."""

    def __init__(self, url: str, deadline: float, ca: str = "") -> None:
        host, port = host_and_port(url)
        self.url, self.parts, self.deadline = url, urlsplit(url), deadline
        address, self.is_outside = judged_address(
            host, port, secure=self.parts.scheme == "https"
        )
        left = max(0.1, deadline - time.monotonic())
        self.connection = _connection(
            self.parts.scheme, host, address, port, min(10.0, left), ca
        )
        self.sock: socket.socket | None = None
        self.timer = threading.Timer(left, self.cut)
        self.timer.daemon = True
        self.timer.start()

    def ask(
        self, etag: str, authorization: str = "", body: bytes | None = None
    ) -> urllib3.BaseHTTPResponse:
        """Send the request, and give the answer without its body."""
        headers = {"Host": self.parts.netloc.rpartition("@")[2], "User-Agent": _AGENT}
        if etag:
            headers["If-None-Match"] = etag
        if authorization:
            headers["Authorization"] = authorization
        if body is not None:
            headers["Content-Type"] = "application/json"
        query = f"?{self.parts.query}" if self.parts.query else ""
        try:
            path = quote((self.parts.path or "/") + query, _UNQUOTED)
            self.connection.connect()
            self.sock = self.connection.sock
            self.connection.request(
                "GET" if body is None else "POST",
                path,
                body=body,
                headers=headers,
                preload_content=False,
            )
            return self.connection.getresponse()
        # A certificate for another name is a ValueError.
        except (
            urllib3.exceptions.HTTPError,
            HTTPException,
            OSError,
            ValueError,
        ) as error:
            late = time.monotonic() > self.deadline
            reason = "it took too long" if late else _reason(error)
            raise Unreachable(f"{self.url} does not answer: {reason}.") from error

    def cut(self) -> None:
        """Wake whoever waits for the other side."""
        sock = self.sock or self.connection.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Hang up."""
        self.timer.cancel()
        self.connection.close()


def _connection(
    scheme: str, host: str, address: str, port: int, timeout: float, ca: str
) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(
            address,
            port,
            timeout=timeout,
            server_hostname=host,
            assert_hostname=host,
            ca_cert_data=ca or None,
        )
    return HTTPConnection(address, port, timeout=timeout)


def _answer(url: str, response: urllib3.BaseHTTPResponse, deadline: float) -> Answer:
    if response.status == 304:
        return Answer(b"", unchanged=True)
    if response.status != 200:
        said = f"{response.status} {response.reason or ''}".strip()
        raise WrongStatus(f"{url} answers {said}.", response.status)
    try:
        body = _body(url, response, deadline)
    except (urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
        _in_time(url, deadline)
        raise Unreachable(f"{url} broke off: {_reason(error)}.") from error
    headers = {key.lower(): value for key, value in response.headers.items()}
    return Answer(body, headers.get("etag", ""), headers=headers)


def _body(url: str, response: urllib3.BaseHTTPResponse, deadline: float) -> bytes:
    body = bytearray()
    for chunk in response.stream(65536):
        body += chunk
        if len(body) > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            raise TooLarge(f"{url} is larger than {limit} MB.")
        _in_time(url, deadline)
    # A line that was cut looks like the end of the answer.
    _in_time(url, deadline)
    return bytes(body)


def _in_time(url: str, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise Unreachable(f"{url} is too slow: it did not end in time.")


def _reason(error: Exception) -> str:
    # A refused connection is a kind of time-out for urllib3.
    refused = isinstance(error, urllib3.exceptions.NewConnectionError)
    if isinstance(error, urllib3.exceptions.TimeoutError) and not refused:
        return "it took too long"
    text = str(error.__cause__ or error).rpartition(": ")[2].rstrip(".")
    return text[:200] or type(error).__name__
