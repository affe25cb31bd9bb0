"""A git repository: any address, one branch, the files of a pattern. Never written."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from django.conf import settings

from catalog.entities.envelope import MAX_BYTES
from catalog.entities.problems import did_you_mean
from catalog.git.addresses import Address, address_of
from catalog.git.command import CLONE, Access
from catalog.git.errors import GitError
from catalog.git.repository import LINK, MODULE, Blob, Repository
from catalog.secrets.reading import SecretError
from catalog.secrets.revealing import reveal
from catalog.sources import patterns
from catalog.sources.models import Source, SourceFile
from catalog.sources.provider import Content, Provider, SourceError

# Where a forge shows a file of a branch, by host.
_FORGES = {
    "github.com": "{home}/blob/{branch}/{path}#L{line}",
    "gitlab.com": "{home}/-/blob/{branch}/{path}#L{line}",
    "codeberg.org": "{home}/src/branch/{branch}/{path}#L{line}",
    "bitbucket.org": "{home}/src/{branch}/{path}#lines-{line}",
}
# So many paths of each sort are compared with one that is not there.
_NEAR = 200
_BLOB = re.compile(r"/(?:-/)?(?:blob|src/branch|src|raw/branch|raw|tree)/")


class Git(Provider):
    """The files of one commit: the newest of a branch or tag."""

    name = "git"
    title = "Git repository"
    is_slow = True

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self._repository: Repository | None = None
        self._entries: dict[str, Blob] = {}

    def check(self) -> None:
        """Bring the newest commit, and list what it holds."""
        try:
            repository = self._copy()
            patience = self.patience or CLONE
            self.commit = repository.fetch(self.source.branch, patience)
            found = repository.entries(self.commit)
        except GitError as error:
            raise SourceError(error.message, error.remedy) from error
        self._repository = repository
        self._entries = {blob.path: blob for blob in found}

    def reach(self) -> None:
        """Does it answer, and does it have the branch? What it holds comes later."""
        try:
            self._copy().look(self.source.branch)
        except GitError as error:
            raise SourceError(error.message, error.remedy) from error

    def _copy(self) -> Repository:
        address = address_of(self.source.target)
        access = access_of(self.source, address)
        return Repository(Path(settings.GIT_FOLDER), address, access)

    def close(self) -> None:
        """End git's process."""
        if self._repository is not None:
            self._repository.close()

    def is_scanned(self) -> bool:
        """Others' YAML may be among the files, but for one that is named exactly."""
        return patterns.is_pattern(self.source.pattern) or not self.source.pattern

    def paths(self) -> Iterator[str]:
        """The files of the pattern, in order; links and submodules are not read."""
        for path, blob in self._entries.items():
            is_file = blob.mode not in (LINK, MODULE)
            if is_file and patterns.is_chosen(path, self.source.pattern):
                yield path

    def read(self, path: str, known: SourceFile | None) -> Content | None:
        """The content of a file; None when its blob is the one that is known."""
        blob = self._blob(path)
        if known and known.etag == blob.id:
            return None
        if blob.size > MAX_BYTES:
            limit = MAX_BYTES // 1024 // 1024
            raise SourceError(
                f"{path} is larger than {limit} MB.", "Split it into several files."
            )
        if self._repository is None:
            raise SourceError(f"{path} cannot be read before the repository.")
        try:
            return Content(self._repository.read(blob), blob.id)
        except GitError as error:
            raise SourceError(error.message, error.remedy) from error

    def _blob(self, path: str) -> Blob:
        if "\ufffd" in path:
            raise SourceError(f"The file name {path} is not UTF-8.", "Rename it.")
        blob = self._entries.get(path)
        if blob is None:
            raise SourceError(
                f"{path} is not in the repository.",
                self._near(path) or "Correct the path.",
            )
        if blob.mode == LINK:
            raise SourceError(
                f"{path} is a symbolic link, which is not followed in a repository.",
                "Name the file that it points to.",
            )
        if blob.mode == MODULE:
            raise SourceError(
                f"{path} is a submodule, which is not read.",
                "Add its repository as a source of its own.",
            )
        return blob

    def _near(self, path: str) -> str:
        """Did the author mean a file beside it, or one of that name elsewhere? All
        the paths of a large repository are too many to compare."""
        folder, name = posixpath.split(path)
        beside = (one for one in self._entries if posixpath.dirname(one) == folder)
        named = (one for one in self._entries if posixpath.basename(one) == name)
        return did_you_mean(path, [*islice(beside, _NEAR), *islice(named, _NEAR)])

    def resolve(self, base: str, target: str) -> str:
        """A target relative to the file that names it, inside the repository."""
        if "://" in target:
            return self._of_same_repository(target)
        path = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
        if path.startswith(("/", "..")):
            raise SourceError(
                f"{target} leads out of the repository.",
                "Targets have to stay inside it.",
            )
        if path not in self._entries:
            raise SourceError(
                f"The target {target} does not exist.",
                self._near(path) or "Correct it, or take it out of the Location.",
            )
        return path

    def _of_same_repository(self, target: str) -> str:
        """The path that the page of a forge shows, where it is of this repository."""
        home, parts = home_of(self.source.target), _BLOB.split(target, maxsplit=1)
        if not home or len(parts) != 2 or parts[0].rstrip("/") != home:
            raise SourceError(
                f"The target {target} is not in this repository.",
                "Add it as a source of its own.",
            )
        rest, branch = unquote(parts[1].partition("#")[0]), self.source.branch
        # Without a branch the source reads the default one, whose name is one step.
        named, _, path = rest.partition("/")
        if branch:
            named, path = branch, rest.removeprefix(f"{branch}/")
        if not rest.startswith(f"{named}/") or path not in self._entries:
            raise SourceError(
                f"The target {target} is not on the branch that this source reads.",
                "Write a path, or add that branch as a source of its own.",
            )
        return path

    def expand(self, base: str, target: str) -> list[str]:
        """A pattern names the files of the repository that fit it."""
        if "://" in target or not patterns.is_pattern(target):
            return [self.resolve(base, target)]
        return patterns.matching(self._entries, base, target)

    def web_url(self, path: str, line: int = 1) -> str:
        """Where a forge shows the file, or empty where that is not certain."""
        home = home_of(self.source.target)
        shape = _FORGES.get(urlsplit(home).hostname or "") if home else None
        if shape is None or not path:
            return ""
        branch = quote(self.source.branch or "HEAD")
        return shape.format(home=home, branch=branch, path=quote(path), line=line)


def home_of(target: str) -> str:
    """The page of a repository on a forge, as far as its address tells."""
    try:
        address = address_of(target)
    except GitError:
        return ""
    if not address.host:
        return ""
    path = urlsplit(address.url).path.removesuffix("/").removesuffix(".git")
    return f"https://{address.host}{path}"


def access_of(source: Source, address: Address) -> Access:
    """What opens the repository: the one place where a secret is asked for. Raises
    SourceError."""
    secret, username = "", ""
    if source.secret:
        try:
            found = reveal(
                source.secret,
                use="git",
                host=address.host,
                port=address.port or None,
                many_lines=address.scheme == "ssh",
            )
        except SecretError as error:
            raise SourceError(error.message, error.remedy) from error
        secret, username = found.value, found.username
    return Access(username, secret, source.known_hosts, source.ca)
