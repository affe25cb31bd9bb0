"""Addresses that authors write: which of them may become a link."""

from __future__ import annotations

from urllib.parse import urlsplit

_WEB = ("http", "https")
_LINKED = (*_WEB, "mailto", "tel", "matrix", "xmpp", "sip", "ssh", "git")


def scheme_of(address: str) -> str:
    """The scheme in lower case; empty for a path and for what is no address."""
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""


def web_address(text: object) -> str:
    """The text if it is an http or https address, or empty."""
    if isinstance(text, str) and scheme_of(text.strip()) in _WEB:
        return text.strip()
    return ""


def linkable(text: object) -> str:
    """The text if following it can do no harm, or empty. `javascript:` never is."""
    if isinstance(text, str) and scheme_of(text.strip()) in _LINKED:
        return text.strip()
    return ""


def source_address(location: str) -> str:
    """Where `backstage.io/source-location` leads: `url:https://…`, or empty."""
    return web_address(location.strip().removeprefix("url:"))
