"""A YAML file behind an http or https URL, asked for with its ETag."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from catalog import http
from catalog.sources.models import SourceFile
from catalog.sources.opening import authorization
from catalog.sources.provider import Content, Provider, SourceError


class Url(Provider):
    """One URL, and what its Locations point to on the same host."""

    name = "url"
    title = "URL"

    def paths(self) -> Iterator[str]:
        """The URL itself."""
        yield self.source.target

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """The body; None when the server says that it is unchanged."""
        try:
            answer = http.fetch(
                path,
                etag=known.etag if known else "",
                authorization=authorization(self.source, path),
                ca=self.source.ca,
            )
        except http.FetchError as error:
            raise SourceError(str(error)) from error
        if answer.unchanged:
            return None
        # An ETag without end is not worth keeping: the file is read again then.
        return Content(answer.body, answer.etag if len(answer.etag) <= 300 else "")

    def web_url(self, path: str, line: int = 1) -> str:
        """The file itself."""
        return path or self.source.target

    def resolve(self, base: str, target: str) -> str:
        """A target relative to the document, on the host of the source."""
        try:
            url = urljoin(base, target)
            host = urlsplit(url).netloc
        except ValueError as error:
            raise SourceError(f"The target {target} is no URL.", "Mend it.") from error
        if host != urlsplit(self.source.target).netloc:
            raise SourceError(
                f"The target {target} is on another host than the source.",
                "Add it as a source of its own.",
            )
        return url
