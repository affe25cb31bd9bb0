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
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.parse import quote, urljoin, urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

TIMEOUT = 20.0
MAX_BYTES = 16 * 1024 * 1024
MAX_REDIRECTS = 5
_AGENT = "Greenroom"
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_UNQUOTED = "!#$%&'()*+,/:;=?@[]~"
# Of clouds whose metadata is not at a link-local address.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254"),
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


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


def fetch(
    url: str,
    *,
    etag: str = "",
    timeout: float = TIMEOUT,
    authorization: str = "",
    ca: str = "",
) -> Answer:
    """GET a URL. Private networks and the public internet are allowed; link-local and
    metadata addresses never, nor plain http outside the private ranges, nor a redirect
    from the internet into a private network.

    `authorization` is a header for this host alone: a redirect to another does not
    carry it. `ca` are the certificates (PEM) to trust instead of the system's. Raises
    FetchError.
    """
    deadline = time.monotonic() + timeout
    is_outside = False
    first: tuple[str, str] | None = None
    for _ in range(MAX_REDIRECTS + 1):
        with closing(_Line(url, deadline, ca)) as line:
            if is_outside and not line.is_outside:
                raise Refused(f"The internet redirects to {url}, a private address.")
            is_outside = line.is_outside
            first = first or _origin(url)
            response = line.ask(etag, authorization if _origin(url) == first else "")
            target = response.get_redirect_location()
            if not target:
                return _answer(url, response, deadline)
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

    def ask(self, etag: str, authorization: str = "") -> urllib3.BaseHTTPResponse:
        """Send the request, and give the answer without its body."""
        headers = {"Host": self.parts.netloc.rpartition("@")[2], "User-Agent": _AGENT}
        if etag:
            headers["If-None-Match"] = etag
        if authorization:
            headers["Authorization"] = authorization
        query = f"?{self.parts.query}" if self.parts.query else ""
        try:
            path = quote((self.parts.path or "/") + query, _UNQUOTED)
            self.connection.connect()
            self.sock = self.connection.sock
            self.connection.request("GET", path, headers=headers, preload_content=False)
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


def host_and_port(url: str) -> tuple[str, int]:
    """The host that a URL asks, and the port, which its scheme may tell. Raises
    Refused."""
    try:
        parts = urlsplit(url)
        port = parts.port
        parts.netloc.encode("idna")
    except UnicodeError as error:
        raise Refused(f"{url!r} names no host.") from error
    except ValueError as error:
        raise Refused(f"{url!r} is not a URL: {error}.") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refused(f"{url!r} is not an http or https URL.")
    if "@" in parts.netloc:
        raise Refused(f"The URL of {parts.hostname} holds a user name or a password.")
    return parts.hostname, port or (443 if parts.scheme == "https" else 80)


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


def judged_address(host: str, port: int, *, secure: bool) -> tuple[str, bool]:
    """The address to connect to, and whether it lies on the internet. Raises
    FetchError where the host is not known or must not be asked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"The host {host} is not known: {error.strerror}.") from error
    addresses = [str(entry[4][0]) for entry in found]
    meant = [_meant(ipaddress.ip_address(a.partition("%")[0])) for a in addresses]
    for address in meant:
        _judge(host, address, secure=secure)
    return addresses[0], meant[0].is_global


def _meant(address: Address) -> Address:
    """Where an address leads: an IPv6 one may stand for one of IPv4."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _judge(host: str, address: Address, *, secure: bool) -> None:
    is_local = address.is_link_local or address.is_multicast or address.is_unspecified
    if is_local or address in _METADATA:
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
            raise Unreachable(f"{url} is larger than {limit} MB.")
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
