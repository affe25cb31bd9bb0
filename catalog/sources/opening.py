"""What opens an address: the header that carries the secret of a source."""

from __future__ import annotations

from base64 import b64encode

from catalog import http
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import reveal
from catalog.sources.models import Source
from catalog.sources.provider import SourceError


def authorization(source: Source, url: str) -> str:
    """The header for a URL; empty where the source names no secret. Raises
    SourceError, and FetchError where that is no URL."""
    if not source.secret:
        return ""
    host, port = http.host_and_port(url)
    try:
        found = reveal(source.secret, use="url", host=host, port=port)
    except SecretError as error:
        raise SourceError(error.message, error.remedy) from error
    if not found.username:
        return f"Bearer {found.value}"
    pair = f"{found.username}:{found.value}".encode()
    return f"Basic {b64encode(pair).decode()}"
