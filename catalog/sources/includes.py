"""The files that placeholders write into others: reading them, and seeing a change."""

from __future__ import annotations

import json

from catalog.sources.models import SourceFile
from catalog.sources.provider import Provider, SourceError

# By path: the digest, and the ETag where the server gives one.
Found = dict[str, tuple[str, str]]


class Reader:
    """Reads what one file includes, and remembers the digest of each for next time."""

    def __init__(self, provider: Provider, base: str) -> None:
        self.provider = provider
        self.base = base
        self.found: Found = {}

    def read(self, target: str) -> bytes:
        """The bytes of a target relative to the file. Raises SourceError."""
        path = self.provider.resolve(self.base, target)
        content = self.provider.read(path, None)
        if content is None:
            raise SourceError(f"{target} cannot be read.", "Try again.")
        self.found[path] = (content.digest, content.etag)
        return content.raw


def as_text(found: Found) -> str:
    """What is stored with a file: empty where it includes nothing."""
    return json.dumps(found, sort_keys=True) if found else ""


def same(provider: Provider, known: SourceFile) -> bool:
    """Is everything that a file includes as it was?"""
    for path, (digest, etag) in json.loads(known.includes).items():
        try:
            content = provider.read(path, SourceFile(path=path, etag=etag))
        except SourceError:
            return False
        if content is not None and content.digest != digest:
            return False
    return True
