"""What git says when it fails, in sentences that say what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from catalog.secrets.scrubbing import scrub


class GitError(Exception):
    """Git could not do it. The message is for people and holds no secret."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".strip())
        self.message = message
        self.remedy = remedy


# What stands in git's words, what it means, and what to do. The first that fits wins.
_MEANINGS = (
    (
        r"remote host identification has changed",
        "The host key of {where} has changed.",
        "If that is right, replace its lines in the source's known hosts.",
    ),
    (
        r"host key verification failed|no \w+ host key is known",
        "The host key of {where} is not known.",
        "Put what `ssh-keyscan {host}` prints into the source's known hosts, after "
        "comparing it with what the forge says.",
    ),
    (
        r"permission denied \(|load key .*: |error in libcrypto",
        "{where} does not take the ssh key.",
        "Name a secret that holds a private key which may read the repository.",
    ),
    (
        r"could not read username|authentication failed|401|403|access denied",
        "{where} does not let Greenroom read the repository.",
        "Name a secret with a token (and a user name, where the server wants one) that "
        "may read it.",
    ),
    (
        r"certificate|ssl|tls",
        "The certificate of {where} is not trusted: {detail}.",
        "Put the certificate of your authority into the source's certificates.",
    ),
    (
        r"redirect|returned error: 30\d",
        "{where} redirects to another address.",
        "Use that address for the source.",
    ),
    (
        r"could not resolve host|name or service not known",
        "The host {host} is not known.",
        "Correct the address.",
    ),
    (
        r"connection refused|couldn't connect|failed to connect|no route to host"
        r"|network is unreachable|connection timed out",
        "{where} does not answer: {detail}.",
        "Is the server up, and the port right?",
    ),
    (
        r"couldn't find remote ref|remote branch .* not found",
        "There is no branch or tag {branch!r} in the repository.",
        "",
    ),
    (
        r"not found|does not appear to be a git repository|does not exist"
        r"|not a git repository|repository .* not exported",
        "There is no repository at {where}.",
        "Correct the address; a private repository needs a secret.",
    ),
    (r"no space left", "The disk of Greenroom is full.", "Make room on it."),
    (r"dubious ownership", "The repository {where} belongs to another user.", ""),
)


def sentence(
    said: str,
    *,
    where: str,
    url: str = "",
    host: str = "",
    branch: str = "",
    secrets: tuple[str, ...],
) -> GitError:
    """What git wrote to its error output, as one error for people. The name of the
    repository is no part of what it says: `team-403` is not a refusal."""
    said = scrub(said, *secrets)
    detail = next(_lines(said), "it said nothing")
    names = {"where": where, "host": host, "branch": branch, "detail": detail}
    meant = _without(said, url, host)
    for pattern, message, remedy in _MEANINGS:
        if re.search(pattern, meant, re.IGNORECASE):
            return GitError(message.format(**names), remedy.format(**names))
    return GitError(f"{where} cannot be read by git: {detail}.")


def _without(said: str, url: str, host: str) -> str:
    """What git said, without the address that it was about."""
    path = urlsplit(url).path if "://" in url else url
    names = {url, path, path.strip("/"), path.rpartition("/")[2], host}
    for name in sorted(filter(None, names), key=len, reverse=True):
        said = said.replace(name, "…")
    return said


def _lines(said: str) -> Iterator[str]:
    """The telling lines, without git's own prefixes; the fatal ones first."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    lines.sort(key=lambda line: not line.startswith("fatal:"))
    for line in lines:
        text = re.sub(r"^(fatal|error|warning|remote|ssh): *", "", line)
        text = re.sub(r"unable to access '[^']*': ", "", text).rstrip(".")
        if text:
            yield text[:200]
