"""Taking secrets out of a text before it is logged, stored or shown."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from catalog.secrets.revealing import Revealed

HIDDEN = "•••"
_LEAST_LINE = 8


def scrub(text: str, *values: str | Revealed) -> str:
    """The text without these values, in any spelling that programs give them."""
    spellings = {one for value in values for one in _spellings(value) if one.strip()}
    # The longest first: a shorter one may be a part of it.
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    return text


def _spellings(value: str | Revealed) -> Iterator[str]:
    if isinstance(value, Revealed):
        yield from _base64(f"{value.username}:{value.value}")
        value = value.value
    if not value:
        return
    lines = [line for line in value.splitlines() if len(line.strip()) >= _LEAST_LINE]
    for one in (value, value.strip(), *lines):
        yield from _written(one)
    yield from _base64(value)
    yield from _base64(f":{value}")


def _written(value: str) -> Iterator[str]:
    yield value
    for quoted in (quote(value), quote(value, safe=""), quote_plus(value)):
        yield quoted
        yield re.sub(r"%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)
    yield json.dumps(value)[1:-1]
    yield repr(value)[1:-1]
    yield html.escape(value)


def _base64(value: str) -> Iterator[str]:
    raw = value.encode()
    yield base64.b64encode(raw).decode().rstrip("=")
    yield base64.urlsafe_b64encode(raw).decode().rstrip("=")
