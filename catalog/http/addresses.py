"""Which addresses Greenroom may ask, and which never: one rule for every way out.

A name is resolved once, every address it has is judged, and the connection goes to the
judged address, so that a second answer of the name server cannot lead elsewhere.

    FetchError
    ├── Refused       the address is not allowed
    └── Unreachable   no answer, too slow, or one of
        ├── WrongStatus   an error status
        └── TooLarge      more than is taken
"""

from __future__ import annotations

import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
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


class WrongStatus(Unreachable):
    """An answer that is not 200; `status` says which."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooLarge(Unreachable):
    """The answer is larger than what is taken."""


@lru_cache(maxsize=4096)
def host_and_port(url: str) -> tuple[str, int]:
    """The host that a URL names and its port, said or usual. Raises Refused."""
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


def judged_address(host: str, port: int, *, secure: bool) -> tuple[str, bool]:
    """The address to connect to, and whether it lies on the internet. Raises
    FetchError where the host is not known or must not be asked."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unreachable(f"The host {host} is not known: {error.strerror}.") from error
    addresses = [str(entry[4][0]) for entry in found]
    outside = [judge(host, address, secure=secure) for address in addresses]
    return addresses[0], outside[0]


def judge(host: str, address: str, *, secure: bool) -> bool:
    """Whether an address that a host has lies on the internet. Raises Refused where it
    must not be asked."""
    meant = _meant(ipaddress.ip_address(address.partition("%")[0]))
    _judge(host, meant, secure=secure)
    return meant.is_global


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
