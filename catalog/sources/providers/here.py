"""Documents made here: pasted, written at set-up, or edited in the portal."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.sources.models import SourceFile
from catalog.sources.provider import Content, Provider, SourceError


class Here(Provider):
    """Nothing to read: the catalog itself is where these documents live."""

    name = "here"
    title = "Made here"
    reads = False

    def paths(self) -> Iterator[str]:
        """None."""
        yield from ()

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """There is nothing to read."""
        raise SourceError(f"{path} was made here; there is no file to read.")

    def resolve(self, base: str, target: str) -> str:
        """A document made here has no files beside it."""
        raise SourceError(
            f"The target {target} cannot be read from here.",
            "Add it as a source: a folder, a file or a URL.",
        )
