"""Asking many servers at once from one event loop, by the rule of who may be asked.

One Client per loop owns the one aiohttp session. Each address is judged before it is
connected to. An answer is cut at a size, the whole at a time.

    Failed            no answer, with one of ERRORS and how far it came
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urljoin

import aiohttp
from aiohttp.connector import Connection

from catalog.http.addresses import FetchError, Refused, host_and_port
from catalog.http.exchange import (
    BROKEN,
    DNS,
    NO_ANSWER,
    NO_CONNECTION,
    NOT_ALLOWED,
    OWN_LIMIT,
    REFUSED,
    TLS,
    TOO_LARGE,
    UNFINISHED,
    Failed,
    Line,
    Reply,
    Request,
    Timings,
)
from catalog.http.names import Resolver, is_address, judge_literal

MAX_REDIRECTS = 3
CONNECT = 5.0
_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EADDRNOTAVAIL})
# The whole is limited where the request begins.
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Client:
    """The one way out of an event loop. Make it inside the loop, and close it there.
    `connections` are the most at a time; 0 is no limit."""

    def __init__(self, connections: int = 1000) -> None:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(_note_connection)
        self._names = Resolver()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._names,
                use_dns_cache=False,
                force_close=True,
                limit=connections,
                enable_cleanup_closed=False,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "Greenroom"},
            trace_configs=[trace],
            response_class=_Response,
            auto_decompress=True,
            trust_env=False,
        )

    async def close(self) -> None:
        """Hang up everywhere."""
        await self._session.close()

    async def ask(self, request: Request) -> Reply:
        """Send a request; redirects are followed only to the same host and port. Raises
        Failed."""
        began, timings = time.perf_counter(), Timings()
        try:
            async with asyncio.timeout(request.timeout):
                return await self._follow(request, began, timings)
        except Exception as error:
            timings.total = _since(began)
            raise failure(request, error, timings) from error

    async def _follow(self, request: Request, began: float, timings: Timings) -> Reply:
        url, origin = request.url, await self._judged(request.url, timings)
        for _ in range(MAX_REDIRECTS + 1):
            reply = await self._send(request, url, began, timings)
            target = reply.headers.get("location", "")
            if reply.status not in _REDIRECTS or not target or not request.follows:
                return reply
            url = urljoin(url, target)
            # A key goes to the host it is bound to and to no other.
            if await self._judged(url, timings) != origin:
                return reply
        return reply

    async def connect(self, host: str, port: int, timeout: float = CONNECT) -> Line:
        """A line to a server that does not speak HTTP; close it. Raises Failed."""
        began, timings = time.perf_counter(), Timings()
        shown = Request(f"tcp://{host}:{port}", timeout=timeout)
        try:
            async with asyncio.timeout(timeout):
                address = await self._address(host, port)
                timings.resolved = True
                reader, writer = await asyncio.open_connection(address, port)
        except Exception as error:
            timings.total = _since(began)
            raise failure(shown, error, timings) from error
        timings.connected = timings.total = _since(began)
        return Line(reader, writer, timings)

    async def _address(self, host: str, port: int) -> str:
        if is_address(host):
            judge_literal(host, is_plain=False)
            return host
        return (await self._names.known(host, port)).addresses[0]

    async def _judged(self, url: str, timings: Timings) -> tuple[str, int]:
        """The host and port of a URL that may be asked. Raises Refused."""
        host, port = host_and_port(url)
        is_plain = url[:5].lower() == "http:"
        if is_address(host):
            judge_literal(host, is_plain=is_plain)
        elif await self._names.is_outside(host, port) and is_plain:
            raise Refused(
                f"{host} is on the public internet: use https instead of http there."
            )
        timings.resolved = True
        return host, port

    async def _send(
        self, request: Request, url: str, began: float, timings: Timings
    ) -> Reply:
        note = SimpleNamespace(began=began, timings=timings)
        async with self._session.request(
            request.method,
            url,
            headers=request.headers,
            json=request.json,
            data=_form(request) if request.body is None else request.body,
            allow_redirects=False,
            ssl=_trust(request.ca, request.unverified),
            timeout=_TIMEOUT,
            trace_request_ctx=note,
        ) as response:
            timings.first_byte = _since(began)
            days = getattr(response, "days_of_certificate", None)
            body = await _body(response, request.max_bytes)
            timings.total = _since(began)
            headers = {key.lower(): value for key, value in response.headers.items()}
            return Reply(response.status, headers, body, timings, url, days)


def _form(request: Request) -> aiohttp.FormData | None:
    if request.form is None:
        return None
    form = aiohttp.FormData(request.form)
    if request.file:
        form.add_field("file", request.file, filename="second.wav")
    return form


class _TooLarge(Exception):
    """A body that is larger than what was asked for."""


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    found = bytearray()
    async for chunk in response.content.iter_any():
        found += chunk
        if len(found) > limit:
            raise _TooLarge(f"more than {limit // 1024} kB")
    return bytes(found)


@lru_cache(maxsize=100)
def _trust(ca: str, unverified: bool) -> ssl.SSLContext | bool:
    if unverified:
        return False
    return ssl.create_default_context(cadata=ca) if ca else True


class _Response(aiohttp.ClientResponse):
    """Looks at the certificate while the connection is there: that of a small answer is
    closed before anybody sees the answer."""

    days_of_certificate: float | None = None

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        self.days_of_certificate = _days_of_certificate(connection)
        return await super().start(connection)


def _days_of_certificate(connection: Connection) -> float | None:
    """Days until the server's certificate ends; None without TLS."""
    transport = connection.transport
    certificate = transport.get_extra_info("peercert") if transport else None
    if not certificate or "notAfter" not in certificate:
        return None
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    return (ends - time.time()) / 86400


async def _note_connection(session: Any, context: Any, params: Any) -> None:
    note = context.trace_request_ctx
    note.timings.connected = _since(note.began)


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def failure(request: Request, error: Exception, timings: Timings) -> Failed:
    """What went wrong, as a class and a sentence."""
    for kinds, name, text in _REASONS:
        if isinstance(error, kinds):
            return Failed(
                name, f"{text}: {_said(error)}" if text else _said(error), timings
            )
    if isinstance(error, OSError) and error.errno in _OWN:
        return Failed(
            OWN_LIMIT, f"Not asked, for want of means: {_said(error)}", timings
        )
    if isinstance(error, TimeoutError):
        return _too_slow(request, timings)
    if isinstance(error, OSError) and error.errno == errno.ECONNREFUSED:
        return Failed(REFUSED, "The connection is refused.", timings)
    if isinstance(error, OSError) and error.errno and timings.connected is None:
        return Failed(NO_CONNECTION, f"No connection: {_said(error)}", timings)
    return Failed(BROKEN, f"The answer broke off: {_said(error)}", timings)


# In this order: several are kinds of the later ones.
_REASONS: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    ((FetchError,), NOT_ALLOWED, ""),
    ((aiohttp.InvalidURL,), NOT_ALLOWED, "The URL cannot be asked"),
    ((_TooLarge,), TOO_LARGE, "The answer is too large"),
    ((aiohttp.ClientConnectorCertificateError,), TLS, "The certificate is not trusted"),
    ((aiohttp.ClientSSLError, ssl.SSLError), TLS, "No TLS connection"),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), DNS, "The name is not known"),
    ((aiohttp.ConnectionTimeoutError,), NO_CONNECTION, "No connection in time"),
)


def _too_slow(request: Request, timings: Timings) -> Failed:
    waited = f"within {request.timeout:g} s"
    if timings.first_byte is not None:
        return Failed(UNFINISHED, f"The answer did not end {waited}.", timings)
    if timings.connected is not None:
        return Failed(NO_ANSWER, f"Connected, but no answer {waited}.", timings)
    if not timings.resolved:
        return Failed(DNS, f"The name server does not answer {waited}.", timings)
    return Failed(NO_CONNECTION, f"No connection {waited}.", timings)


def _said(error: Exception) -> str:
    cause = getattr(error, "os_error", None) or error
    text = getattr(cause, "verify_message", "") or getattr(cause, "strerror", "") or ""
    text = str(text or cause or type(cause).__name__)
    return text[:200].rstrip(".") + "."
