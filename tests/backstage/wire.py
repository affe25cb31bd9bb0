"""Requests that the client never makes, and recorded exchanges made again.

`ask(method, path, body, token)` makes one request; it stands for a real Backstage as
well as for a test client of Greenroom. `token` is "own", "bad" or "none".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.backstage.client import (
    Line,
    in_order,
    masked,
    named,
    opaque,
    without_messages,
)
from tests.backstage.comparing import flat


@dataclass
class Answer:
    """What came back; `body` is None when there was nothing."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Ask = Callable[[str, str, Any, str], Answer]
HEADERS = ("content-type", "link", "www-authenticate")


@dataclass(frozen=True)
class Request:
    """One request to the catalog."""

    name: str
    path: str
    method: str = "GET"
    body: Any = None
    token: str = "own"
    unordered: bool = False


BRIEF = "fields=kind,metadata.name"
REQUESTS = [
    Request("no-token", "/entities", token="none"),
    Request("bad-token", "/entities", token="bad"),
    Request("no-such-route", "/nothing"),
    Request("no-such-method", "/entities", "PUT"),
    Request("limit-word", "/entities/by-query?limit=many"),
    Request("limit-negative", "/entities/by-query?limit=-1"),
    Request("list-limit-word", "/entities?limit=many"),
    Request("total-bad", "/entities/by-query?totalItems=perhaps"),
    Request("order-bad", "/entities/by-query?orderField=metadata.name,up"),
    Request(
        "order-plain", f"/entities/by-query?orderField=metadata.name&{BRIEF}&limit=1"
    ),
    Request("cursor-bad", "/entities/by-query?cursor=nonsense"),
    Request("filter-empty", f"/entities?filter=&{BRIEF}", unordered=True),
    Request("filter-exists", f"/entities?filter=spec.domain&{BRIEF}"),
    Request(
        "filter-both-keys",
        f"/entities?filter=kind=component,kind=api&order=asc:metadata.name&{BRIEF}",
    ),
    Request("order-old-bad", "/entities?order=metadata.name"),
    Request("link", f"/entities?limit=2&order=asc:metadata.title&{BRIEF}"),
    Request("after-bad", "/entities?after=nonsense"),
    Request("facet-none", "/entity-facets"),
    Request(
        "facet-twice", "/entity-facets?facet=kind&facet=spec.lifecycle", unordered=True
    ),
    Request("facet-comma", "/entity-facets?facet=kind,spec.lifecycle", unordered=True),
    Request("name-none", "/entities/by-name/component/default/none"),
    Request("name-case", f"/entities/by-name/Component/DEFAULT/Chat?{BRIEF}"),
    Request("uid-none", "/entities/by-uid/00000000-0000-0000-0000-000000000000"),
    Request("uid-word", "/entities/by-uid/word"),
    Request("refs-empty-body", "/entities/by-refs", "POST", {}),
    Request("refs-not-list", "/entities/by-refs", "POST", {"entityRefs": "a"}),
    Request("query-post", "/entities/by-query", "POST", {"limit": 0}),
    Request("query-post-bad", "/entities/by-query", "POST", {"limit": "many"}),
    Request(
        "facets-post", "/entity-facets", "POST", {"facets": ["kind"]}, unordered=True
    ),
    Request("validate-empty", "/validate-entity", "POST", {}),
    Request("location-none", "/locations/00000000-0000-0000-0000-000000000000"),
    Request("locations-query-empty", "/locations/by-query", "POST", {}),
    Request("location-add-empty", "/locations", "POST", {}),
]


def asked(
    requests: Sequence[Request], ask: Ask, places: Mapping[str, str]
) -> list[Line]:
    """Make requests and write down what came back, normalised."""
    lines = []
    for request in requests:
        path = f"/api/catalog{request.path}"
        answer = ask(request.method, path, request.body, request.token)
        kept = {
            name: answer.headers[name] for name in HEADERS if name in answer.headers
        }
        body = masked(named(answer.body, places, {}))
        lines.append(
            {
                "name": request.name,
                "method": request.method,
                "path": request.path,
                "status": answer.status,
                "headers": masked(named(kept, places, {})),
                "answer": in_order(body) if request.unordered else body,
            }
        )
    return lines


def replay(
    lines: Sequence[Line], ask: Ask, places: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Make the recorded exchanges of the client again: (call, difference)…

    `places` as in client.normalised. Sentences of errors are not compared.
    """
    known: dict[str, str] = {}
    for line in lines:
        for number, exchange in enumerate(line["exchanges"]):
            path = filled(exchange["path"], places, known, in_path=True)
            body = filled(exchange["body"], places, known)
            answer = ask(exchange["method"], path, body, "own")
            origin = f"{line['name']}/{number}"
            found = masked(named(answer.body, places, {}))
            if line.get("unordered"):
                found = in_order(found)
            known.update({label: value for value, label in opaque(answer.body, origin)})
            if answer.status != exchange["status"]:
                yield line["name"], f"says {answer.status}, not {exchange['status']}"
            for difference in differences(exchange["answer"], found):
                yield line["name"], difference


def filled(
    value: Any,
    places: Mapping[str, str],
    known: Mapping[str, str],
    *,
    in_path: bool = False,
) -> Any:
    """A recorded request with this run's addresses and opaque values in it."""
    if isinstance(value, Mapping):
        return {key: filled(inner, places, known) for key, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, places, known) for inner in value]
    if not isinstance(value, str):
        return value
    back = {label: text for text, label in places.items()} | dict(known)
    for label, text in back.items():
        value = value.replace(label, quote(text, safe="") if in_path else text)
    return value


def differences(recorded: Any, found: Any) -> Iterator[str]:
    """How one answer differs from the recorded one."""
    a = dict(flat(without_messages(recorded)))
    b = dict(flat(without_messages(found)))
    for path in sorted(a.keys() | b.keys()):
        if path not in b:
            yield f"{path or 'the answer'} is absent, not {a[path]!r}"
        elif path not in a:
            yield f"{path or 'the answer'} is more than recorded: {b[path]!r}"
        elif a[path] != b[path]:
            yield f"{path or 'the answer'} is {b[path]!r}, not {a[path]!r}"
