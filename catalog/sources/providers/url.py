"""A YAML file behind an http or https URL, asked for with its ETag."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from catalog import http
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import reveal
from catalog.sources.models import SourceFile
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
                authorization=self._authorization(path),
                ca=self.source.ca,
            )
        except http.FetchError as error:
            raise SourceError(str(error)) from error
        if answer.unchanged:
            return None
        # An ETag without end is not worth keeping: the file is read again then.
        return Content(answer.body, answer.etag if len(answer.etag) <= 300 else "")

    def _authorization(self, url: str) -> str:
        """The header that opens the URL. Raises SourceError, and FetchError
        where that is none."""
        if not self.source.secret:
            return ""
        host, port = http.host_and_port(url)
        try:
            found = reveal(self.source.secret, use="url", host=host, port=port)
        except SecretError as error:
            raise SourceError(error.message, error.remedy) from error
        if not found.username:
            return f"Bearer {found.value}"
        pair = f"{found.username}:{found.value}".encode()
        return f"Basic {b64encode(pair).decode()}"

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
