"""How the text of a setting becomes a value, or the words that say what is allowed."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

Raw = str | list[str]
Parser = Callable[[Raw], Any]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off", ""})
LEVELS = ("debug", "info", "warning", "error")
DATABASES = ("postgres", "postgresql")
BROKERS = ("redis", "rediss")
MAIL = ("smtp", "smtps", "smtp+tls", "smtp+ssl", "submission", "console")


class Wrong(ValueError):
    """The value is not allowed; the text completes “<value> …”."""


@dataclass(frozen=True)
class BaseUrl:
    """The address that people use: origin and sub-path, without a final slash."""

    origin: str
    path: str

    def __str__(self) -> str:
        return self.origin + self.path


def text(raw: Raw) -> str:
    """One value, without the space around it."""
    if isinstance(raw, list):
        raise Wrong("must be one value, not a list.")
    return raw.strip()


def words(raw: Raw) -> tuple[str, ...]:
    """Values with commas between them, or a list."""
    parts = raw if isinstance(raw, list) else raw.split(",")
    return tuple(part.strip() for part in parts if part.strip())


def targets(raw: Raw) -> tuple[str, ...]:
    """Folders, files and URLs; on lines of their own they may hold commas."""
    parts = raw.splitlines() if isinstance(raw, str) and "\n" in raw else words(raw)
    found = [part.strip() for part in parts if part.strip()]
    return tuple(dict.fromkeys(absolute(part) for part in found))


def absolute(target: str) -> str:
    """A URL as it is, a path without dependence on the working folder."""
    if "://" in target:
        return target
    return os.path.abspath(Path(target).expanduser())  # noqa: PTH100 - keeps symlinks


def folder(raw: Raw) -> Path | None:
    """A folder, absolute; nothing when empty."""
    name = text(raw)
    return Path(absolute(name)) if name else None


def boolean(raw: Raw) -> bool:
    """Yes or no."""
    word = text(raw).lower()
    if word in YES or word in NO:
        return word in YES
    raise Wrong("must be true or false.")


def whole(raw: Raw, least: int, most: int) -> int:
    """A whole number in a range."""
    word = text(raw)
    if word.isascii() and word.isdigit() and least <= int(word) <= most:
        return int(word)
    raise Wrong(f"must be a whole number from {least} to {most}.")


def port(raw: Raw) -> int:
    """A TCP port."""
    return whole(raw, 1, 65535)


def threads(raw: Raw) -> int:
    """How many requests at once."""
    return whole(raw, 1, 128)


def per_minute(raw: Raw) -> int:
    """How many requests in a minute."""
    return whole(raw, 1, 1_000_000)


def days(raw: Raw) -> int:
    """A number of days."""
    return whole(raw, 0, 36_500)


def address(raw: Raw) -> str:
    """An address of this machine."""
    word = text(raw).strip("[]")
    name = "127.0.0.1" if word == "localhost" else word
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        raise Wrong(
            "must be an address of this machine, such as :: (all), 0.0.0.0 (all of "
            "IPv4) or 127.0.0.1 (only here)."
        ) from None


def everywhere() -> str:
    """The address to listen on for all: IPv4 and IPv6 where this machine has both."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
            only = probe.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    except OSError:
        return "0.0.0.0"
    return "0.0.0.0" if only else "::"


def networks(raw: Raw) -> tuple[Network, ...]:
    """Addresses or networks."""
    try:
        return tuple(ipaddress.ip_network(word, strict=False) for word in words(raw))
    except ValueError:
        raise Wrong(
            "must be addresses or networks with commas, such as 10.0.0.2, fd00::/8."
        ) from None


def base_url(raw: Raw) -> BaseUrl | None:
    """The public address, http or https, with an optional sub-path."""
    word = text(raw)
    if not word:
        return None
    try:
        parts = urlsplit(word)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and not (parts.query or parts.fragment or parts.username)
        usable = usable and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Wrong(
            "must be an address such as https://greenroom.example or with a path."
        )
    return BaseUrl(f"{parts.scheme}://{parts.netloc.lower()}", parts.path.rstrip("/"))


def scheme_of(raw: Raw, allowed: tuple[str, ...], example: str) -> str:
    """A URL with one of these schemes; empty stays empty."""
    word = text(raw)
    if not word:
        return ""
    if word.split("://", 1)[0] in allowed and "://" in word:
        return word
    raise Wrong(f"must be an address such as {example}.")


def database_url(raw: Raw) -> str:
    """PostgreSQL; SQLite is what an empty value means."""
    word = scheme_of(raw, DATABASES, "postgres://user:password@host:5432/name")
    if word:
        check_port(word)
        check_threshold(word)
    return word


def broker_url(raw: Raw) -> str:
    """Redis; the embedded queue is what an empty value means."""
    word = scheme_of(raw, BROKERS, "redis://host:6379/0")
    if word:
        check_port(word)
    return word


def check_threshold(word: str) -> None:
    """Refuse a number of uses, before a statement is prepared, that is none."""
    for given in parse_qs(urlsplit(word).query).get("prepare_threshold", []):
        if given != "none" and not (given.isascii() and given.isdigit()):
            raise Wrong(f"has prepare_threshold={given}: it takes a number, or none.")


def check_port(word: str) -> None:
    """Refuse an address whose port is no number."""
    try:
        urlsplit(word).port  # noqa: B018 - reading it is the check
    except ValueError:
        raise Wrong("has a port that is not a number from 0 to 65535.") from None


def email_url(raw: Raw) -> str:
    """A mail server."""
    return scheme_of(raw, MAIL, "smtp+tls://user:password@host:587")


def secret_key(raw: Raw) -> str:
    """A key that cannot be guessed."""
    word = text(raw)
    if word and len(word) < 32:
        raise Wrong("must have 32 characters or more.")
    return word


def log_level(raw: Raw) -> str:
    """One of the four levels."""
    word = text(raw).lower()
    if word in LEVELS:
        return word
    raise Wrong(f"must be one of {', '.join(LEVELS)}.")


def time_zone(raw: Raw) -> str:
    """A name of the time zone database."""
    word = text(raw)
    try:
        return ZoneInfo(word).key
    except (ValueError, OSError, LookupError):
        raise Wrong("must be a time zone such as Europe/Berlin or UTC.") from None


def machine_time_zone() -> str:
    """The zone this machine is set to; UTC where it does not say."""
    named = os.environ.get("TZ", "").lstrip(":")
    if not named:
        link = os.path.realpath("/etc/localtime")
        match = re.search(r"/zoneinfo/(?:posix/|right/)?(.+)$", link)
        named = match[1] if match else "UTC"
    try:
        return time_zone(named)
    except Wrong:
        return "UTC"
