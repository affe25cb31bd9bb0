"""A bare copy of a remote repository, one commit deep: fetched, listed, read.

Nothing is ever checked out, so links, hooks and odd names of a repository stay data.
"""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import hashlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.git.addresses import Address, check_branch
from catalog.git.command import CLONE, QUICK, Access, program, reaching, run, settled
from catalog.git.errors import GitError

LINK, MODULE = "120000", "160000"
_HELD = "refs/greenroom/"
_PATIENCE = 60.0
_PACKS = 50


@dataclass(frozen=True)
class Blob:
    """One entry of a commit: its path, its mode, the id of its content, its size."""

    path: str
    mode: str
    id: str
    size: int


def name_of(address: Address) -> str:
    """What the copy of an address is called in its folder."""
    digest = hashlib.blake2b(address.url.encode(), digest_size=12).hexdigest()
    return f"{digest}.git"


class Repository:
    """The copy of one address below `folder`. Two workers take turns."""

    def __init__(self, folder: Path, address: Address, access: Access) -> None:
        self.path = folder / name_of(address)
        self.address = address
        self.access = access
        self._reader: subprocess.Popen[bytes] | None = None

    def look(self, branch: str = "") -> str:
        """The id of what a branch or tag is at now, without bringing it. Raises
        GitError."""
        check_branch(branch)
        with reaching(self.address, self.access) as environ:
            return self._remote(environ, branch).commit

    def fetch(self, branch: str = "", timeout: float = CLONE) -> str:
        """Bring the newest commit of a branch or tag; its id. Raises GitError."""
        check_branch(branch)
        with self._alone(), reaching(self.address, self.access) as environ:
            self._tidy()
            remote = self._remote(environ, branch)
            commit = remote.commit
            if not self._has(commit):
                self._bring(environ, remote.ref, branch, timeout)
            return self._commit_of(commit)

    def _tidy(self) -> None:
        """Take away what a git that was killed left behind: nobody else is at work.
        A copy of many small fetches is made anew, because nothing old leaves it."""
        packs = self.path / "objects/pack"
        for left in [*self.path.rglob("*.lock"), *packs.glob("tmp_*")]:
            left.unlink(missing_ok=True)
        if len(list(packs.glob("*.pack"))) > _PACKS:
            self._discard()

    def _discard(self) -> None:
        """Forget the copy; the next fetch makes it anew."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def _remote(self, environ: dict[str, str], branch: str) -> Head:
        """What the remote has under that name. Costs one question."""
        names = [f"refs/heads/{branch}", f"refs/tags/{branch}"] if branch else ["HEAD"]
        said = run(
            ["ls-remote", "--", self.address.url, *names],
            environ,
            address=self.address,
            access=self.access,
            branch=branch,
        ).decode("utf-8", "replace")
        for line in said.splitlines():
            commit, _, ref = line.partition("\t")
            if ref in names:
                return Head(commit, ref)
        if not branch:
            raise GitError(
                f"The repository at {self.address.host or self.address.url} is empty.",
                "It is read as soon as something was pushed.",
            )
        raise self._no_branch(environ, branch)

    def _no_branch(self, environ: dict[str, str], branch: str) -> GitError:
        arguments = ["ls-remote", "--heads", "--tags", "--", self.address.url]
        said = run(arguments, environ, address=self.address, access=self.access)
        refs = [line.partition("\t")[2] for line in said.decode().splitlines()]
        known = [ref.split("/", 2)[2] for ref in refs if not ref.endswith("^{}")]
        return GitError(
            f"There is no branch or tag {branch!r} in the repository.",
            _near(branch, known) or f"It has {', '.join(known[:8]) or 'none'}.",
        )

    def _bring(
        self, environ: dict[str, str], ref: str, branch: str, timeout: float
    ) -> None:
        """Fetch one commit; a copy that is broken is made anew."""
        self._make(environ)
        arguments = ["--git-dir", str(self.path), "fetch", "--quiet", "--force"]
        arguments += ["--depth=1", "--no-tags", "--no-write-fetch-head", "--prune"]
        arguments += ["--", self.address.url, f"+{ref}:{_HELD}{self._key(ref)}"]
        given = {
            "address": self.address,
            "access": self.access,
            "branch": branch,
            "timeout": timeout,
        }
        try:
            run(arguments, environ, **given)  # type: ignore[arg-type]
        except GitError:
            if self._is_sound(environ):
                raise
            self._discard()
            self._make(environ)
            run(arguments, environ, **given)  # type: ignore[arg-type]

    def _key(self, ref: str) -> str:
        return hashlib.blake2b(ref.encode(), digest_size=8).hexdigest()

    def _make(self, environ: dict[str, str]) -> None:
        if (self.path / "HEAD").exists():
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.path, ignore_errors=True)
        arguments = ["init", "--quiet", "--bare", "--", str(self.path)]
        run(arguments, environ, address=self.address)

    def _is_sound(self, environ: dict[str, str]) -> bool:
        try:
            check = ["--git-dir", str(self.path), "fsck", "--connectivity-only"]
            run(check, environ, address=self.address)
        except GitError:
            return False
        return True

    def _has(self, commit: str) -> bool:
        """Is the whole of a commit here?"""
        if not (self.path / "HEAD").exists():
            return False
        try:
            self._git("ls-tree", "-r", commit)
        except GitError:
            return False
        return True

    def _commit_of(self, id_: str) -> str:
        """The commit itself, where an annotated tag names it."""
        return self._git("rev-parse", "--verify", f"{id_}^{{commit}}").decode().strip()

    def _git(self, *arguments: str) -> bytes:
        where = ["--git-dir", str(self.path)]
        return run([*where, *arguments], settled(), address=self.address)

    def entries(self, commit: str) -> list[Blob]:
        """Every file, link and submodule of a commit, in order. Raises GitError."""
        found = []
        said = self._git("ls-tree", "-r", "-z", "--long", "--full-tree", commit)
        for line in said.split(b"\0"):
            head, tab, path = line.partition(b"\t")
            if tab:
                mode, _, id_, size = head.decode().split()
                shown = path.decode("utf-8", "replace")
                found.append(Blob(shown, mode, id_, _size(size)))
        return found

    def read(self, blob: Blob) -> bytes:
        """The content of a file. Raises GitError; what is damaged is never taken for
        empty, and the copy is made anew by the next fetch."""
        try:
            content = self._content(blob)
        except (OSError, ValueError) as error:
            with self._alone():
                self._discard()
            raise GitError(
                f"{blob.path} is damaged in the copy of the repository.",
                "The copy is made anew at the next reading.",
            ) from error
        return content

    def _content(self, blob: Blob) -> bytes:
        """What `cat-file` says. Raises OSError or ValueError when it is not whole."""
        reader = self._open_reader()
        if reader.stdin is None or reader.stdout is None:
            raise OSError("no pipe")
        reader.stdin.write(f"{blob.id}\n".encode())
        reader.stdin.flush()
        id_, kind, size = reader.stdout.readline().split()
        content = reader.stdout.read(int(size))
        end = reader.stdout.read(1)
        whole = (id_.decode(), kind, len(content), end)
        if whole != (blob.id, b"blob", blob.size, b"\n"):
            raise OSError("not whole")
        return content

    def _open_reader(self) -> subprocess.Popen[bytes]:
        if self._reader is None:
            self._reader = subprocess.Popen(
                [program(), "--git-dir", str(self.path), "cat-file", "--batch"],
                env=settled(),
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._reader

    def close(self) -> None:
        """End the process that reads."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.kill()
            with contextlib.suppress(OSError):
                reader.communicate()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else writes the copy meanwhile, in this process or another."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self.path.with_suffix(".lock").open("w") as file:
            end = time.monotonic() + max(_PATIENCE, QUICK)
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if time.monotonic() > end:
                        raise GitError(
                            "Another worker is reading this repository.",
                            "It is tried again.",
                        ) from error
                    time.sleep(0.1)
            yield


def _near(branch: str, known: list[str]) -> str:
    close = difflib.get_close_matches(branch, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _size(text: str) -> int:
    """Bytes; a link to a module has none, and of a damaged file nobody knows them."""
    if text.isdigit():
        return int(text)
    return 0 if text == "-" else -1


@dataclass(frozen=True)
class Head:
    """What a name of the remote points to: for an annotated tag the tag itself."""

    commit: str
    ref: str
