"""What the terminal says once Greenroom is up: address, QR code, set-up link."""

from __future__ import annotations

import contextlib
import io
import ipaddress
import socket
import sys

import segno

from portal.env import Env
from portal.keys import setup_token, signing_key


def greeting(env: Env, *, setup: bool) -> str:
    """The lines to print; with the set-up link while there is no account."""
    home = lan_address(env)
    lines = ["", f"  Greenroom is running at  {home}/", *other_names(env), ""]
    if setup:
        link = f"{home}/setup/{setup_token(signing_key(env))}/"
        lines += [
            "  No account yet. Make the first one with this link; it works once:",
            f"  {link}",
            "",
        ]
    code = qr_code(f"{home}/")
    return "\n".join([*lines, *([code] if code else []), "  Stop with Ctrl-C.", ""])


def lan_address(env: Env) -> str:
    """The address that other machines in this network can use."""
    if env.url:
        return str(env.url)
    return f"http://{bracketed(lan_ip(env.bind))}:{env.port}"


def other_names(env: Env) -> list[str]:
    """Other addresses of the same door."""
    everywhere = ipaddress.ip_address(env.bind).is_unspecified
    found = []
    if everywhere and not env.url:
        found += [f"http://{socket.gethostname()}:{env.port}/"]
    if everywhere or ipaddress.ip_address(env.bind).is_loopback:
        found += [f"http://localhost:{env.port}/"]
    here = f"{lan_address(env)}/"
    return [f"                      or   {name}" for name in found if name != here]


def lan_ip(bind: str) -> str:
    """This machine's address in the local network; asks the routes, sends nothing."""
    address = ipaddress.ip_address(bind)
    if not address.is_unspecified:
        return bind
    # Connecting a datagram socket only chooses the route. The targets are addresses
    # kept for documentation: nobody has them.
    probes = [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")]
    for family, target in probes:
        with (
            contextlib.suppress(OSError),
            socket.socket(family, socket.SOCK_DGRAM) as s,
        ):
            s.connect((target, 9))
            return str(s.getsockname()[0])
    return "127.0.0.1"


def datagram_socket(family: socket.AddressFamily) -> socket.socket:
    """A socket that sends nothing by being connected."""
    return socket.socket(family, socket.SOCK_DGRAM)


def bracketed(address: str) -> str:
    """An IPv6 address needs brackets in a URL."""
    return f"[{address}]" if ":" in address else address


def qr_code(text: str) -> str:
    """The address as a QR code, where the terminal can show it."""
    if "utf" not in (sys.stdout.encoding or "").lower():
        return ""
    out = io.StringIO()
    segno.make(text, error="l").terminal(out, compact=True, border=2)
    return out.getvalue()
