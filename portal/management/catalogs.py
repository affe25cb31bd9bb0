"""The catalog that a command speaks to: this machine's, or a portal's by its API.

A portal is named by --portal or GREENROOM_PORTAL; its token is in GREENROOM_TOKEN or in
a file, never on the command line, where everybody on the machine could read it.
"""

from __future__ import annotations

import json
import os
import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from django.core.management.base import CommandError
from urllib3.exceptions import NameResolutionError, SSLError

from catalog import refs
from catalog.entities.models import Entity
from catalog.entities.viewer import EVERYTHING
from catalog.query.language import explaining
from catalog.query.language.asking import ask
from catalog.query.language.wrong import Wrong
from catalog.sources import processing, sets
from catalog.sources.sets import ALONE, Wanted
from portal.api.documents import as_applied
from portal.api.queries import lines
from portal.api.schemas import as_remark

DOOR = "command line"
_TIMEOUT = urllib3.Timeout(connect=10, read=60)
# Who has asked too much waits as long as the portal says, and asks again.
_PATIENT = urllib3.Retry(
    total=None,
    connect=False,
    read=False,
    other=False,
    status=5,
    allowed_methods=None,
    status_forcelist=[429],
    raise_on_status=False,
)
_PAGE = 500
_TOKEN = re.compile(r"grm_[A-Za-z0-9_-]+")


class Catalog(Protocol):
    """What commands ask of a catalog. Each raises CommandError with what to do."""

    def query(self, text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """(entities, remarks) of a query."""

    def explain(self, text: str, name: str) -> list[dict[str, Any]]:
        """The conditions of a query, and whether each holds for one entity."""

    def text(self, ref: str) -> str | None:
        """The YAML of an entity; None where there is none."""

    def apply(
        self, text: str, reason: str, wanted: Wanted = ALONE, *, dry_run: bool
    ) -> dict[str, Any]:
        """What applying documents did, as the API says it."""


def add_arguments(parser: ArgumentParser) -> None:
    """The options that say which catalog."""
    parser.add_argument(
        "--portal",
        metavar="URL",
        default=os.environ.get("GREENROOM_PORTAL", ""),
        help="a running portal (or GREENROOM_PORTAL); otherwise this machine's catalog",
    )
    parser.add_argument(
        "--token-file",
        metavar="FILE",
        help="a file with a token of that portal; or set GREENROOM_TOKEN",
    )


def chosen(options: dict[str, Any]) -> Catalog:
    """The catalog that the options name. Raises CommandError."""
    file = options.get("token_file")
    if not options["portal"]:
        if file:
            said = "A token is for a portal: name it with --portal or GREENROOM_PORTAL."
            raise CommandError(said, returncode=2)
        return Local()
    try:
        token = Path(file).expanduser().read_text("utf-8") if file else ""
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {error}", returncode=2) from error
    token = token.strip() or os.environ.get("GREENROOM_TOKEN", "").strip()
    if not token:
        raise CommandError(
            "A portal wants a token: set GREENROOM_TOKEN, or name a --token-file. Make "
            f"one at {options['portal'].rstrip('/')}/me/tokens/.",
            returncode=2,
        )
    if not _TOKEN.fullmatch(token):
        said = "This is no token: it is one word that begins with grm_."
        raise CommandError(said, returncode=2)
    return Remote(_address(options["portal"]), token)


def _address(text: str) -> str:
    """The address of a portal, without a slash at its end. Raises CommandError."""
    try:
        parts = urlsplit(text)
        whole = parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        whole = None
    if not whole or parts.query or parts.fragment:
        said = f"“{text}” is no address of a portal. Write it as "
        raise CommandError(f"{said}https://greenroom.lab.example.", returncode=2)
    return text.rstrip("/")


class Local:
    """The database of this machine, with everything in it."""

    def query(self, text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """See Catalog."""
        try:
            answer = ask(text, EVERYTHING)
        except Wrong as wrong:
            raise CommandError(f"\n{wrong}", returncode=2) from wrong
        found = [row.model_dump(mode="json") for row in lines(answer.keys())]
        remarks = [as_remark(one).model_dump() for one in answer.scope.remarks]
        return found, remarks

    def explain(self, text: str, name: str) -> list[dict[str, Any]]:
        """See Catalog."""
        try:
            answer = ask(text, EVERYTHING)
        except Wrong as wrong:
            raise CommandError(f"\n{wrong}", returncode=2) from wrong
        ref = explaining.meant(answer.scope, name)
        if not ref:
            raise CommandError(f"Nothing is called “{name}”.", returncode=2)
        return [vars(reason) for reason in answer.explain(ref)]

    def text(self, ref: str) -> str | None:
        """See Catalog."""
        return Entity.objects.filter(ref=ref).values_list("text", flat=True).first()

    def apply(
        self, text: str, reason: str, wanted: Wanted = ALONE, *, dry_run: bool
    ) -> dict[str, Any]:
        """See Catalog."""
        if dry_run:
            return as_applied(sets.preview(text, wanted, EVERYTHING), dry_run=True)
        cause = processing.cause_of(DOOR, None, reason)
        try:
            outcome = sets.take(text, wanted, EVERYTHING, cause)
        except sets.TooMany as error:
            raise CommandError(str(error), returncode=2) from error
        return as_applied(outcome, dry_run=False)


class Remote:
    """A running portal, as the account behind a token."""

    def __init__(self, portal: str, token: str) -> None:
        self._portal, self._base = portal, f"{portal}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "Greenroom"}
        self._http = urllib3.PoolManager(timeout=_TIMEOUT, retries=_PATIENT)

    def query(self, text: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """See Catalog."""
        found: list[dict[str, Any]] = []
        fields = {"q": text, "limit": str(_PAGE), "cursor": ""}
        while True:
            page = self._json("GET", "/entities", fields)
            found += page["items"]
            if not page["next"]:
                return found, page["remarks"]
            fields["cursor"] = page["next"]

    def explain(self, text: str, name: str) -> list[dict[str, Any]]:
        """See Catalog."""
        answer = self._json("GET", "/explain", {"q": text, "ref": name})
        reasons: list[dict[str, Any]] = answer["reasons"]
        return reasons

    def text(self, ref: str) -> str | None:
        """See Catalog."""
        found = refs.parse(ref)
        parts = (found.kind, found.namespace, found.name)
        path = "/".join(quote(part, safe="") for part in parts)
        answer = self._ask("GET", f"/entities/{path.lower()}/yaml")
        if answer.status == 404:
            return None
        return self._checked(answer).data.decode()

    def apply(
        self, text: str, reason: str, wanted: Wanted = ALONE, *, dry_run: bool
    ) -> dict[str, Any]:
        """See Catalog."""
        fields = {"dry_run": str(dry_run).lower(), "reason": reason}
        if wanted.name:
            fields |= {"set": wanted.name, "prune": str(wanted.prune).lower()}
        if wanted.confirm is not None:
            fields["prune_confirm"] = str(wanted.confirm)
        return self._json("POST", "/apply", fields, text.encode())

    def _json(
        self, method: str, path: str, fields: dict[str, str], body: bytes | None = None
    ) -> dict[str, Any]:
        answer = self._checked(self._ask(method, path, fields, body))
        try:
            found: dict[str, Any] = json.loads(answer.data)
        except ValueError:
            said = f"{self._base}{path} does not answer as a Greenroom does."
            raise CommandError(f"{said} Is the address right?", returncode=2) from None
        return found

    def _ask(
        self,
        method: str,
        path: str,
        fields: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> urllib3.BaseHTTPResponse:
        query = urlencode(fields or {})
        try:
            return self._http.request(
                method,
                f"{self._base}{path}?{query}",
                body=body,
                headers={**self._headers, "Content-Type": "application/yaml"},
                redirect=False,
            )
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            cause = getattr(error, "reason", None) or error
            said = f"{self._base} does not answer: {str(cause).rstrip('.')}."
            raise CommandError(f"{said} {_hint(cause)}", returncode=2) from error

    def _checked(self, answer: urllib3.BaseHTTPResponse) -> urllib3.BaseHTTPResponse:
        """The answer, unless it is a problem. Raises CommandError with its remedy."""
        if answer.status < 300:
            return answer
        try:
            said = _told(json.loads(answer.data))
        except (ValueError, KeyError, TypeError, IndexError):
            to = answer.headers.get("Location", "")
            leads = f" and leads to {to}" if to.startswith("http") else ""
            said = f"{self._base} answers {answer.status}{leads}. Is the address right?"
            said += " It is the one of the portal's first page."
        if answer.status == 401:
            said = "There is no valid token of this portal: it may be mistyped, revoked"
            said += f" or past its time. Make one at {self._portal}/me/tokens/."
        raise CommandError(said, returncode=2)


def _told(problem: dict[str, Any]) -> str:
    """A problem of the API in words for a terminal."""
    said = [f"{problem['detail']} {problem['remedy']}".strip()]
    said += [f"Did you mean: {text}" for text in _instead(problem)]
    if problem["type"] == "wrong-query":
        place = problem["errors"][0]
        carets = " " * place["start"] + "^" * (place["end"] - place["start"])
        said = ["", place["query"], carets, *said]
    return "\n".join(said)


def _hint(error: Exception) -> str:
    """What to look at first."""
    if isinstance(error, NameResolutionError):
        return "Is its name right?"
    if isinstance(error, SSLError):
        return "Does it speak http only, or is its certificate unknown here?"
    return "Is it running, and is the port right?"


def _instead(problem: dict[str, Any]) -> list[str]:
    first: dict[str, Any] = next(iter(problem["errors"]), {})
    return list(first.get("instead", []))[:1]
