"""Which hosts a secret is bound to: how one is written, and what it covers.

    git.lab.example         this host, every port
    git.lab.example:3000    this host, this port
    *.lab.example           every host below it, but not lab.example itself
    10.0.0.5   [fd00::5]:8443

Names are compared in one spelling. Those that programs may read differently are
refused instead: letters beyond ASCII, and numbers that some take for an address.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

MOST = 50
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Ends of names that nobody on the internet can register below.
_PRIVATE = frozenset(
    ["corp", "home", "internal", "intranet", "lab", "lan", "local", "localdomain"]
)


class Unfit(ValueError):
    """The text cannot stand there; the message is a sentence for people."""


@dataclass(frozen=True)
class Place:
    """One line: a host, or all hosts below it, at one port or at all."""

    host: str
    port: int | None = None
    below: bool = False

    def covers(self, host: str, port: int | None) -> bool:
        """Is this host, in the spelling of `host_of`, meant at this port?"""
        if self.port is not None and self.port != port:
            return False
        if self.below:
            return host.endswith(f".{self.host}") and not _is_address(host)
        return host == self.host

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        start = "*." if self.below else ""
        return f"{start}{host}" + (f":{self.port}" if self.port is not None else "")


def places_of(text: str) -> list[Place]:
    """The lines of a text, each once. Raises Unfit for the first that is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST:
        raise Unfit(f"There are {len(lines)} hosts; {MOST} are the most.")
    return list(dict.fromkeys(place_of(line) for line in lines))


def place_of(text: str) -> Place:
    """One line. Raises Unfit."""
    if "/" in text or "@" in text:
        raise Unfit(
            f"“{text}” is more than a host. Write the host alone, such as "
            "git.lab.example or git.lab.example:3000."
        )
    host, port = _split(text)
    if not host.startswith("*"):
        return Place(host_of(host), port)
    if not host.startswith("*.") or "*" in host[1:]:
        raise Unfit(
            f"“{text}” cannot be read: a * stands only at the beginning and for "
            "every host below a name, such as *.lab.example."
        )
    return Place(_end_of_names(host[2:]), port, below=True)


def host_of(text: str) -> str:
    """A host in the one spelling that is compared. Raises Unfit."""
    name = text.lower().removesuffix(".")
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1] if ":" in name else name
    address = _address(name)
    if address is not None:
        return str(getattr(address, "ipv4_mapped", None) or address)
    if not name.isascii():
        raise Unfit(
            f"“{text}” has letters that programs spell differently. Write it in its "
            "ASCII form, which begins with xn--."
        )
    labels = name.split(".")
    is_name = len(name) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
    if not is_name or _NUMBER.fullmatch(labels[-1]):
        raise Unfit(
            f"“{text}” is not a host. Write a name such as git.lab.example, or an "
            "address such as 10.0.0.5 or [fd00::5]."
        )
    return name


def _end_of_names(text: str) -> str:
    name = host_of(text)
    if _is_address(name):
        raise Unfit(f"“*.{text}” cannot be read: nothing lies below an address.")
    if "." not in name and name not in _PRIVATE:
        raise Unfit(
            f"“*.{text}” is too wide: it would cover hosts of strangers. Write more of "
            f"the name, such as *.lab.{name}."
        )
    return name


def _split(text: str) -> tuple[str, int | None]:
    """Host and port; an IPv6 address needs its brackets only before a port."""
    if text.startswith("["):
        host, end, rest = text.partition("]")
        host, has_port, port = host + end, rest[:1], rest[1:]
    elif text.count(":") > 1:
        return text, None
    else:
        host, has_port, port = text.partition(":")
    if not has_port:
        return host, None
    number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
    if has_port != ":" or not 0 < number < 65536:
        raise Unfit(f"“{text}” cannot be read: a port is a number from 1 to 65535.")
    return host, number


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    # A zone names an interface of one machine, so it binds to nothing.
    if "%" in text:
        return None
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    return _address(host) is not None
