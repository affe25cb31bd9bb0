"""What a provider is: a way to read the files of a source.

A provider is one file in `providers/`. It names the paths that a source begins with,
reads one path, and says where a Location's target leads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from catalog.entities.problems import Problem
from catalog.plugins import Registry
from catalog.sources.models import Source, SourceFile


class SourceError(Exception):
    """A source or one of its files cannot be read. The message is for people."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


class SourceGone(SourceError):
    """The source as a whole broke off while its files were read: none of them counts,
    and the last good state stays."""


@dataclass(frozen=True)
class Content:
    """A file as read: its bytes, the server's ETag where there is one, and what else
    there is to say of it."""

    raw: bytes
    etag: str = ""
    remarks: tuple[Problem, ...] = ()

    @property
    def digest(self) -> str:
        """The hash by which an unchanged file is known."""
        found = hashlib.blake2b(self.raw, digest_size=20)
        for remark in self.remarks:
            found.update(f"\0{remark.code}\0{remark.message}".encode())
        return found.hexdigest()


class Provider:
    """A way to read a source. Subclasses are found by their `name`."""

    name: ClassVar[str] = ""
    title: ClassVar[str]
    reads: ClassVar[bool] = True
    # Does a first reading take so long that nobody waits for it?
    is_slow: ClassVar[bool] = False

    def __init__(self, source: Source) -> None:
        self.source = source
        self.commit = ""
        # So many seconds somebody waits for an answer; 0 where nobody does.
        self.patience = 0.0
        # The files as last taken, by path: set before anything is read.
        self.known: Mapping[str, SourceFile] = {}

    def close(self) -> None:
        """Let go of what reading held: a process, a connection."""

    def check(self) -> None:
        """Raise SourceError when the source as a whole cannot be read.

        What a provider has to bring first, it brings here; `commit` names what came.
        """

    def reach(self) -> None:
        """Raise SourceError when the source cannot be reached. Quick, for whoever adds
        it and waits."""
        self.check()

    def paths(self) -> Iterator[str]:
        """The paths to begin with, in order."""
        raise NotImplementedError

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """The content of a path; None when it is certainly as `known`.

        Raises SourceError.
        """
        raise NotImplementedError

    def resolve(self, base: str, target: str) -> str:
        """The path that a Location in `base` means by `target`. Raises SourceError."""
        raise NotImplementedError

    def expand(self, base: str, target: str) -> list[str]:
        """The paths that a Location means by a target, which may be a pattern where the
        provider can look around. Raises SourceError."""
        return [self.resolve(base, target)]

    def is_scanned(self) -> bool:
        """Were the paths found by looking around, so that strangers are among them?"""
        return False

    def follows_locations(self) -> bool:
        """Are the targets of Locations read as well?"""
        return True

    def reading(self) -> str:
        """What it reads, in words; empty where the address says it."""
        return ""

    def web_url(self, path: str, line: int = 1) -> str:
        """Where people see a file of this source; empty where that is not certain."""
        return ""

    def watched(self) -> list[Path]:
        """Files and folders whose changes are noticed at once."""
        return []


PROVIDERS: Registry[Provider] = Registry(Provider, folder="providers")


def provider_of(source: Source) -> Provider:
    """The provider of a source. Raises SourceError for an unknown one."""
    try:
        return PROVIDERS[source.provider](source)
    except KeyError as error:
        raise SourceError(str(error.args[0])) from error
