"""The fast lane: reads by token that need no more than plain SQL and a stored text.

It stands before Django. Whatever is not plain goes the long way, which decides anew and
says what is wrong: a wrong token, a strange host, who has asked too much, an error. So
nothing is allowed here that is not allowed there; tests ask both.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from catalog.entities import generation, hot
from portal.accounts import asking
from portal.api.backstage import router
from portal.api.limits import LIMIT
from portal.api.plain import Answer, Ask, Handler
from portal.web.middleware import PERMISSIONS, POLICY

_LOG = logging.getLogger(__name__)
_BOTH = frozenset({"GET", "POST"})
# A longer body goes the long way, which says that it is too long.
_LONGEST = 1_000_000
_BEARER = "Bearer "
# What Django's middleware says of every answer.
ALWAYS = (
    ("Content-Security-Policy", POLICY),
    ("Permissions-Policy", PERMISSIONS),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Vary", "Accept-Encoding"),
)


def entity(ask: Ask) -> Answer | None:
    """`GET …/entities/{kind}/{namespace}/{name}`: as portal.api.catalog.get."""
    parts = ask.path.split("/")
    if len(parts) != 3 or not all(parts):
        return None
    kind, namespace, name = parts
    found = hot.document(f"{kind}:{namespace}/{name}".lower())
    if found is None or not found.is_open_to(ask.viewer):
        return None
    mark = f'"{found.etag}"'
    headers = (("ETag", mark), ("Cache-Control", "private, no-cache"))
    if ask.knows(mark):
        return Answer(304, b"", headers)
    sort = ("Content-Type", "application/json")
    return Answer(200, found.final.encode(), (sort, *headers))


# Where it begins -> methods, who answers.
ROUTES: dict[str, tuple[frozenset[str], Handler]] = {
    "/api/v1/entities/": (frozenset({"GET"}), entity),
    router.CATALOG: (_BOTH, router.catalog),
    router.SEARCH: (_BOTH, router.searching),
}


def respond(environ: dict[str, Any], start_response: Any) -> Iterable[bytes] | None:
    """The answer to a request of WSGI; None where it has to go the long way."""
    token = environ.get("HTTP_AUTHORIZATION", "")
    if not token.startswith(_BEARER):
        return None
    path: str = environ.get("PATH_INFO", "")
    for start, (methods, handler) in ROUTES.items():
        if path.startswith(start) and environ["REQUEST_METHOD"] in methods:
            return _answered(environ, start_response, path[len(start) :], handler)
    return None


def _answered(
    environ: dict[str, Any], start_response: Any, path: str, handler: Handler
) -> Iterable[bytes] | None:
    hosts = tuple(settings.ALLOWED_HOSTS)
    if not _is_ours(environ.get("HTTP_HOST", ""), hosts):
        return None
    try:
        answer = _asked(environ, path, handler)
    except Exception:
        # A connection that was lost is made anew there, and what fails here fails
        # there in the same manner, and is told as always.
        _LOG.warning("The fast lane could not answer %s.", path, exc_info=True)
        return None
    if answer is None:
        return None
    length = ("Content-Length", str(len(answer.body)))
    line = f"{answer.status} {HTTPStatus(answer.status).phrase}"
    start_response(line, [*answer.headers, *ALWAYS, length])
    return [answer.body]


def _asked(environ: dict[str, Any], path: str, handler: Handler) -> Answer | None:
    body = _body(environ)
    if body is None:
        return None
    who = asking.by_token(environ["HTTP_AUTHORIZATION"].removeprefix(_BEARER).strip())
    if who is None or not LIMIT.count(who.account):
        return None
    method = environ["REQUEST_METHOD"]
    with generation.read_once(who.generation):
        return handler(
            Ask(
                method=method,
                # WSGI has the bytes of the path as Latin letters.
                path=path.encode("latin-1").decode("utf-8"),
                viewer=who.viewer,
                query=environ.get("QUERY_STRING", ""),
                body=body,
                edits=method != "GET" and who.edits,
                headers={"if-none-match": environ.get("HTTP_IF_NONE_MATCH", "")},
            )
        )


def _body(environ: dict[str, Any]) -> bytes | None:
    """What was sent, which stays there for the long way; None where it is too long."""
    given = environ.get("CONTENT_LENGTH") or "0"
    if not given.isascii() or not given.isdigit() or int(given[:15]) > _LONGEST:
        return None
    if given == "0":
        return b""
    body: bytes = environ["wsgi.input"].read(int(given))
    environ["wsgi.input"] = BytesIO(body)
    return body


@lru_cache(maxsize=64)
def _is_ours(host: str, hosts: tuple[str, ...]) -> bool:
    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, hosts)
