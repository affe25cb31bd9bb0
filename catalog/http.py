"""The one way out: every outgoing request, its time and size limit, its allow-list.

A name is resolved once, every address it has is judged, and the connection goes to the
judged address, so that a second answer of the name server cannot lead elsewhere.
Redirects are followed by the same rules.

    FetchError
    ├── Refused       the address is not allowed
    └── Unreachable   no answer, too slow, too large, or an error status
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import urllib3

TIMEOUT = 20.0
MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 5
_AGENT = "Greenroom"


class FetchError(Exception):
    """A request that brought nothing; the message says why."""


class Refused(FetchError):
    """The address is not allowed."""


class Unreachable(FetchError):
    """No answer, too slow, too large, or an error status."""


@dataclass(frozen=True)
class Answer:
    """What came back. `unchanged` means 304: the caller's copy is still good."""

    body: bytes
    etag: str = ""
    unchanged: bool = False
    headers: dict[str, str] = field(default_factory=dict)


def fetch(url: str, *, etag: str = "", timeout: float = TIMEOUT) -> Answer:
    """GET a URL. Private networks and the public internet are allowed; link-local and
    metadata addresses never, nor plain http outside the private ranges.

    Raises FetchError.
    """
    deadline = time.monotonic() + timeout
    for _ in range(MAX_REDIRECTS + 1):
        response, pool = _open(url, etag, deadline)
        try:
            target = response.get_redirect_location()
            if not target:
                return _answer(url, response, deadline)
            url = urljoin(url, target)
        finally:
            response.release_conn()
            pool.close()
    raise Unreachable(f"{url} redirects more than {MAX_REDIRECTS} times.")


def _open(
    url: str, etag: str, deadline: float
) -> tuple[urllib3.BaseHTTPResponse, urllib3.HTTPConnectionPool]:
    parts = urlsplit(url)
    host, port = _host_and_port(url)
    address = _judged_address(host, port, secure=parts.scheme == "https")
    pool = _pool(parts.scheme, host, address, port)
    headers = {"Host": parts.netloc.rpartition("@")[2], "User-Agent": _AGENT}
    if etag:
        headers["If-None-Match"] = etag
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        response = pool.urlopen(
            "GET",
            path,
            headers=headers,
            redirect=False,
            retries=False,
            preload_content=False,
            timeout=max(0.1, min(10.0, deadline - time.monotonic())),
        )
    except urllib3.exceptions.HTTPError as error:
        pool.close()
        raise Unreachable(f"{url} does not answer: {_reason(error)}.") from error
    return response, pool


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{url!r} is not a URL: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"{url!r} is not an http or https URL.")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


def _pool(
    scheme: str, host: str, address: str, port: int
) -> urllib3.HTTPConnectionPool:
    if scheme == "https":
        return urllib3.HTTPSConnectionPool(
            address, port, server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(address, port)


def _judged_address(host: str, port: int, *, secure: bool) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"The host {host} is not known: {error.strerror}.") from error
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        _judge(host, ipaddress.ip_address(address.partition("%")[0]), secure=secure)
    return addresses[0]


def _judge(
    host: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address, *, secure: bool
) -> None:
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise Refused(
            f"{host} is at {address}, which Greenroom never asks: link-local, "
            "metadata and multicast addresses are closed."
        )
    if address.is_global and not secure:
        raise Refused(
            f"{host} is on the public internet: use https instead of http there."
        )


def _answer(url: str, response: urllib3.BaseHTTPResponse, deadline: float) -> Answer:
    if response.status == 304:
        return Answer(b"", unchanged=True)
    if response.status != 200:
        raise Unreachable(f"{url} answers {response.status} {response.reason or ''}.")
    body = bytearray()
    try:
        for chunk in response.stream(65536):
            body += chunk
            if len(body) > MAX_BYTES:
                limit = MAX_BYTES // 1024 // 1024
                raise Unreachable(f"{url} is larger than {limit} MB.")
            if time.monotonic() > deadline:
                raise Unreachable(f"{url} is too slow: it did not end in time.")
    except urllib3.exceptions.HTTPError as error:
        raise Unreachable(f"{url} broke off: {_reason(error)}.") from error
    headers = {key.lower(): value for key, value in response.headers.items()}
    return Answer(bytes(body), headers.get("etag", ""), headers=headers)


def _reason(error: Exception) -> str:
    if isinstance(error, urllib3.exceptions.TimeoutError):
        return "it took too long"
    text = str(error.__cause__ or error)
    return text.rpartition(": ")[2].rstrip(".") or type(error).__name__
