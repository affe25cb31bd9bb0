"""A real server on this machine that answers as a Backstage's catalog does."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

API = "/api/catalog"
Answer = Callable[[BaseHTTPRequestHandler], Any]


class Backstage:
    """Its entities are as it serves them. `token` is asked for where it is set; `old`
    names routes that it does not know yet; `faults` answer instead, by route."""

    def __init__(self) -> None:
        self.url = ""
        self.entities: dict[str, Any] = {}
        self.token = ""
        self.old: set[str] = set()
        self.faults: dict[str, Answer] = {}
        self.before: Callable[[str], None] = lambda route: None
        self.most = 1000
        self.asked: list[tuple[str, str, Any]] = []

    def put(self, entity: Any, **served: Any) -> None:
        """Serve a document, with what a catalog adds to it."""
        metadata = {"namespace": "default", **entity["metadata"]}
        ref = f"{entity['kind']}:{metadata['namespace']}/{metadata['name']}".lower()
        place = {
            "backstage.io/managed-by-location": "url:https://forge.lab/a.yaml",
            "backstage.io/managed-by-origin-location": "url:https://forge.lab/b.yaml",
        }
        metadata["annotations"] = {**place, **(metadata.get("annotations") or {})}
        metadata["uid"] = f"uid-of-{ref}"
        whole = {**entity, "metadata": metadata, "relations": [], **served}
        text = json.dumps(whole, sort_keys=True).encode()
        metadata["etag"] = hashlib.sha1(text, usedforsecurity=False).hexdigest()
        self.entities[ref] = whole

    def routes(self) -> list[str]:
        """What was asked for, in order, and forgotten."""
        found = [route for _, route, _ in self.asked]
        self.asked.clear()
        return found

    def answer(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        """One request."""
        parts = urlsplit(handler.path)
        route = parts.path.removeprefix(API)
        question = json.loads(body) if body else parse_qs(parts.query)
        self.asked.append((handler.command, route, question))
        self.before(route)
        given = handler.headers.get("Authorization", "")
        if route in self.faults:
            self.faults[route](handler)
        elif self.token and given != f"Bearer {self.token}":
            send(handler, 401, {"error": {"name": "AuthenticationError"}})
        elif not parts.path.startswith(API) or route.split("/by-name")[0] in self.old:
            send(handler, 404, None)
        elif handler.command == "POST" and route == "/entities/by-refs":
            found = [self.entities.get(ref) for ref in question["entityRefs"]]
            send(handler, 200, {"items": found})
        elif route == "/entities/by-query":
            send(handler, 200, self._page(question))
        elif route == "/entities":
            send(handler, 200, [slim(one) for one in self._all(question)])
        elif route.startswith("/entities/by-name/"):
            kind, space, name = map(unquote, route.split("/")[3:])
            one = self.entities.get(f"{kind}:{space}/{name}".lower())
            send(handler, 200 if one else 404, one)
        else:
            send(handler, 404, None)

    def _all(self, question: Any) -> list[Any]:
        asked = ",".join(question.get("filter", []))
        kinds = [one.removeprefix("kind=") for one in asked.split(",") if one]
        rows = sorted(self.entities.items())
        return [e for _, e in rows if not kinds or e["kind"].lower() in kinds]

    def _page(self, question: Any) -> Any:
        size, start = min(int(question["limit"][0]), self.most), 0
        if "cursor" in question:
            # A cursor holds the question itself, as the real one does.
            question, start = json.loads(base64.b64decode(question["cursor"][0]))
        found = self._all(question)
        info = {}
        if start + size < len(found):
            cursor = json.dumps([question, start + size]).encode()
            info["nextCursor"] = base64.b64encode(cursor).decode()
        items = [slim(one) for one in found[start : start + size]]
        return {"items": items, "totalItems": len(found), "pageInfo": info}


def slim(entity: Any) -> Any:
    """The fields that a list is asked for."""
    names = ("name", "namespace", "etag")
    metadata = {key: entity["metadata"][key] for key in names}
    return {"kind": entity["kind"], "metadata": metadata}


def send(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
    """An answer: JSON, or bytes as they are."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    raw = b"" if body is None else raw
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def says(status: int, body: Any) -> Answer:
    """A fault that always answers so."""
    return lambda handler: send(handler, status, body)


@contextmanager
def backstage() -> Iterator[Backstage]:
    """A server, on a port of its own."""
    made = Backstage()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            made.answer(self, self.rfile.read(length))

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, *args: object) -> None:
            """Be quiet."""

    web = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True).start()
    try:
        made.url = f"http://127.0.0.1:{web.server_port}"
        yield made
    finally:
        web.shutdown()
        web.server_close()
