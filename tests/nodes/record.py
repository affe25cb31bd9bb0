"""Asks running model servers what a prober asks, and keeps their real answers.

One JSON file a case: tests/nodes/answers/<server>/<case>.json with server, version,
request and response; a refused or silent connection has `error` in place of a response.
Bodies above 64 kB (1 kB where only the status matters) are cut, and say so.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.nodes import asking
from tests.nodes.asking import Request
from tests.nodes.processes import Node

ANSWERS = Path(__file__).with_name("answers")
LIMIT = 64 * 1024
EXCERPT = 1000
KEPT = ("content-type", "server", "content-length", "location", "x-litellm-version")


@dataclass
class Recorder:
    """Writes what one server answers."""

    node: Node
    done: list[str] = field(default_factory=list)

    def ask(self, case: str, request: Request, patience: float = 30.0) -> None:
        """Send one request and keep what comes."""
        # The status is the news of these; their bodies would only be large.
        limit = EXCERPT if case.endswith(("-key", "-thawed")) else LIMIT
        outcome = answer(self.node.url, request, patience, limit)
        self.keep(case, request.shown(), outcome)

    def keep(self, case: str, request: Any, outcome: dict[str, Any]) -> None:
        """One file."""
        path = ANSWERS / self.node.name / f"{case}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = {"server": self.node.name, "version": self.node.version}
        kept = head | {"request": request} | outcome
        path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
        status = outcome.get("response", {}).get("status") or outcome.get("error")
        print(f"  {case}: {status}", flush=True)
        self.done.append(case)


def answer(
    url: str, request: Request, patience: float, limit: int = LIMIT
) -> dict[str, Any]:
    """What a server says, or how it does not."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=patience
    )
    begin = time.monotonic()
    try:
        connection.request(
            request.method, request.path, request.body, dict(request.headers)
        )
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        name = type(error).__name__
        return {"error": name, "seconds": round(time.monotonic() - begin, 2)}
    finally:
        connection.close()
    headers = {k.lower(): v for k, v in response.getheaders() if k.lower() in KEPT}
    said = {
        "status": response.status,
        "headers": headers,
        "body": shortened(body, limit),
    }
    return {"response": said | ({"cut": True} if said["body"] != body else {})}


def shortened(body: str, limit: int) -> str:
    """The body, cut at the limit; of an OpenAPI schema only its title and version."""
    if body.lstrip().startswith('{"openapi"'):
        with contextlib.suppress(ValueError):
            schema = json.loads(body)
            return json.dumps({name: schema[name] for name in ("openapi", "info")})
    return body[:limit]


@contextlib.contextmanager
def loaded(node: Node, patience: float = 120.0) -> Iterator[None]:
    """Keeps a server busy with more requests than it runs at once."""
    # llama-server ends 8 of them within a second.
    count = 80 if node.name == "llama-server" else 8
    request = asking.long_completion(node)
    asked = [
        threading.Thread(target=answer, args=(node.url, request, patience), daemon=True)
        for _ in range(count)
    ]
    for thread in asked:
        thread.start()
    time.sleep(0.7)
    yield
    for thread in asked:
        thread.join()
