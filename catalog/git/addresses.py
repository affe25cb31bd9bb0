"""Addresses of repositories: which texts are one, and which may be asked.

The host is judged by the rule of catalog.http, because git goes its own way out.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from catalog import http
from catalog.git.errors import GitError

SCHEMES = ("https", "http", "ssh", "git", "file")
_PORTS = {"https": 443, "http": 80, "ssh": 22, "git": 9418}
# git@host:path, as people copy it from a forge.
_SCP = re.compile(r"(?:([-\w.]+)@)?([-\w.]+|\[[0-9a-fA-F:]+\]):(?!//)([^:].*)")
_USER = re.compile(r"[-\w.]*", re.ASCII)
# git gives its ssh command to a shell: no other sign may stand in a host.
_HOST = re.compile(r"[A-Za-z0-9_]([-\w.]*[A-Za-z0-9_.])?", re.ASCII)


@dataclass(frozen=True)
class Address:
    """A repository: where it is, as git takes it. `host` is empty on this machine."""

    url: str
    scheme: str
    host: str = ""
    port: int = 0

    @property
    def is_web(self) -> bool:
        """Is it asked over http or https?"""
        return self.scheme in ("http", "https")


def looks_like_git(target: str) -> bool:
    """Is this certainly a repository, and not a folder, file or URL of YAML?"""
    if target.startswith(("git+", "ssh://", "git://", "file://")):
        return True
    if "://" in target:
        return urlsplit_path(target).rstrip("/").endswith(".git")
    path = _path(target)
    if _SCP.fullmatch(target) and not (path and path.exists()):
        return True
    return path is not None and _is_bare(path)


def _path(target: str) -> Path | None:
    try:
        return Path(target).expanduser().resolve()
    except (RuntimeError, ValueError, OSError):
        return None


def _is_bare(path: Path) -> bool:
    try:
        return (path / "HEAD").is_file() and (path / "objects").is_dir()
    except (OSError, ValueError):
        return False


def urlsplit_path(target: str) -> str:
    """The path of a URL; empty where it is none."""
    try:
        return urlsplit(target).path
    except ValueError:
        return ""


def normal(target: str) -> str:
    """The one spelling of an address that is stored. Raises GitError."""
    return address_of(target.strip().removeprefix("git+")).url


def address_of(target: str) -> Address:
    """Read an address. Raises GitError when it is none that git may be given."""
    if target.startswith("-") or re.search(r"[\x00-\x20\x7f]", target):
        raise GitError(f"{target!r} is no address of a repository.", "Correct it.")
    if "://" not in target:
        return _without_scheme(target)
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError as error:
        raise GitError(f"{target!r} is no URL: {error}.", "Correct it.") from error
    if parts.scheme not in SCHEMES:
        known = ", ".join(SCHEMES)
        raise GitError(f"Git is not asked by {parts.scheme}.", f"Use one of {known}.")
    if parts.scheme == "file":
        return Address(str(Path(parts.path).resolve()), "file")
    if not parts.hostname or not parts.path.strip("/"):
        raise GitError(f"{target!r} names no repository.", "Write host and path.")
    _check_host(parts.hostname)
    _check_user(parts.username, parts.password, parts.scheme)
    return Address(target, parts.scheme, parts.hostname, port or _PORTS[parts.scheme])


def _without_scheme(target: str) -> Address:
    """A folder of this machine, or git@host:path."""
    found, here = _SCP.fullmatch(target), _path(target)
    if found and not (here and here.exists()):
        user, host, path = found[1] or "git", found[2], found[3]
        url = f"ssh://{user}@{host}/{path.lstrip('/')}"
        bare = host.strip("[]")
        _check_host(bare)
        return Address(url, "ssh", bare, 22)
    if here is None:
        raise GitError(f"{target!r} is no path.", "Correct it.")
    return Address(str(here), "file")


def _check_host(host: str) -> None:
    """Raise GitError where a host is neither a name nor an address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.fullmatch(host):
            raise GitError(f"{host!r} is no host.", "Correct the address.") from None


def _check_user(user: str | None, password: str | None, scheme: str) -> None:
    if password is not None or (user is not None and scheme != "ssh"):
        raise GitError(
            "The address holds a user name or a password, which everybody would read.",
            "Leave it out, and name a secret of the source.",
        )
    if user is not None and not _USER.fullmatch(user):
        raise GitError(f"{user!r} is no user name.", "Correct it.")


def judged(address: Address) -> str:
    """The address of the machine to connect to; empty on this one. Raises GitError."""
    if not address.host:
        return ""
    secure = address.scheme in ("https", "ssh")
    try:
        return http.judged_address(address.host, address.port, secure=secure)[0]
    except http.FetchError as error:
        raise GitError(str(error)) from error


_BRANCH = re.compile(
    r"(?!-)(?!/)(?!.*//)(?!.*\.\.)(?!.*@\{)(?!.*/\.)(?!\.)[^\x00-\x20\x7f~^:?*\[\\]+"
)


def check_branch(branch: str) -> None:
    """Raise GitError where git would not take it as the name of a branch or tag."""
    bad_end = branch.endswith(("/", ".", ".lock"))
    if branch and (bad_end or branch == "@" or not _BRANCH.fullmatch(branch)):
        raise GitError(f"{branch!r} is no name of a branch.", "Correct it.")
