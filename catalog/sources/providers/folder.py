"""A folder of YAML files on this machine, or a single file. Read, never written."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from catalog.entities.envelope import MAX_BYTES
from catalog.sources import patterns
from catalog.sources.models import SourceFile
from catalog.sources.patterns import NAMED, SKIPPED, fits
from catalog.sources.provider import Content, Provider, SourceError

EXPORT_MARK = ".greenroom-export"


class Folder(Provider):
    """All YAML files below a folder, but for hidden ones; or one file."""

    name = "folder"
    title = "Folder or file"

    @property
    def root(self) -> Path:
        """The folder, or the file itself."""
        return Path(self.source.target)

    @property
    def _base(self) -> Path:
        return self.root if self.root.is_dir() else self.root.parent

    def check(self) -> None:
        """Is it there, and may it be read?"""
        try:
            exists = self.root.exists()
        except OSError as error:
            raise SourceError(
                f"{self.root} cannot be read: {error.strerror}."
            ) from error
        if not exists:
            raise SourceError(
                f"{self.root} does not exist.",
                "Check the path; is the disk mounted?",
            )
        if not os.access(self.root, os.R_OK):
            raise SourceError(
                f"{self.root} may not be read.", "Give Greenroom's user read access."
            )

        if self.root.is_file() and self.root.suffix not in NAMED:
            raise SourceError(
                f"{self.root} is neither a YAML nor a JSON file.",
                "Name a folder, a .yaml, .yml or .json file.",
            )
        if self.root == Path(self.root.anchor):
            raise SourceError(
                f"{self.root} is the whole machine.",
                "Name the folder with the catalog.",
            )

    def is_scanned(self) -> bool:
        """A folder may hold other YAML than the catalog's; an export does not."""
        return self.root.is_dir() and not self._is_export

    def follows_locations(self) -> bool:
        """An export holds every entity as a file of its own; the relative targets in it
        belong to the folder that it was made from."""
        return not self._is_export

    @property
    def _is_export(self) -> bool:
        return (self.root / EXPORT_MARK).exists()

    def paths(self) -> Iterator[str]:
        """Every YAML file, relative to the folder, in order; or those of a pattern."""
        if not self.root.is_dir():
            yield self.root.name
            return
        unreadable: list[OSError] = []
        for path in self._all_files(unreadable):
            if fits(path, self.source.pattern):
                yield path
        for error in unreadable:
            yield os.path.relpath(error.filename, self.root)

    def _all_files(self, unreadable: list[OSError] | None = None) -> Iterator[str]:
        """Every file but hidden ones, in order."""
        failed = [] if unreadable is None else unreadable
        base, skipped = self._base, () if self._is_export else SKIPPED
        for folder, folders, files in os.walk(base, onerror=failed.append):
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".") and name not in skipped
            )
            inside = os.path.relpath(folder, base)
            for name in sorted(files):
                if not name.startswith("."):
                    path = os.path.normpath(os.path.join(inside, name))  # noqa: PTH118
                    yield os.fsencode(path).decode("utf-8", "replace")

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """The bytes of a file that lies inside the folder."""
        if "\ufffd" in path:
            raise SourceError(f"The file name {path} is not UTF-8.", "Rename it.")
        full = self._inside(path)
        try:
            if full.is_dir():
                next(full.iterdir(), None)  # Says why, where that is the trouble.
            if not full.is_file():
                raise SourceError(f"{path} is not a file.", "Point to a YAML file.")
            if full.stat().st_size > MAX_BYTES:
                limit = MAX_BYTES // 1024 // 1024
                raise SourceError(
                    f"{path} is larger than {limit} MB.", "Split it into several files."
                )
            return Content(full.read_bytes())
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise SourceError(
                f"{path} cannot be read: {reason}.", "Check who may read it."
            ) from error

    def resolve(self, base: str, target: str) -> str:
        """A target relative to the file that names it, inside the folder."""
        if "://" in target:
            raise SourceError(
                f"The target {target} is a URL; a folder reads only its own files.",
                "Write a path, or add the URL or its repository as a source.",
            )
        full = (self._base / base).parent / target
        path = os.path.relpath(os.path.normpath(full), self._base)
        if _is_missing(self._inside(path)):
            raise SourceError(
                f"The target {target} does not exist.",
                "Correct it, or take it out of the Location.",
            )
        return path

    def expand(self, base: str, target: str) -> list[str]:
        """A pattern names the files of the folder that fit it."""
        if not patterns.is_pattern(target):
            return [self.resolve(base, target)]
        return patterns.matching(self._all_files(), base, target)

    def _inside(self, path: str) -> Path:
        base = self._base.resolve()
        try:
            full = (self._base / path).resolve()
        except RuntimeError as error:
            raise SourceError(
                f"{path} is a link that leads back to itself.", "Remove the link."
            ) from error
        if not full.is_relative_to(base):
            raise SourceError(
                f"{path} leads out of {self._base}.",
                "Links and targets have to stay inside the folder.",
            )
        return full

    def watched(self) -> list[Path]:
        """The folder itself, or the folder of the file: editors replace files."""
        return [self._base] if self._base.is_dir() else []


def _is_missing(path: Path) -> bool:
    """Certainly not there? Other troubles are told when it is read."""
    try:
        return not path.exists()
    except OSError:
        return False
