"""The real client against any server, and whether two servers answered it alike.

An answer is normalised: what is different in each run (uid, etag, ids, cursors,
addresses) becomes a word in braces, and lists without a promised order are sorted.
What went over the wire is kept, so that it can be repeated without Node.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tests.backstage import installing
from tests.backstage.calls import Call
from tests.backstage.comparing import flat

Line = dict[str, Any]
SCRIPT = installing.HERE / "client.cjs"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
GENERATED = re.compile(r"generated-[0-9a-f]{40}")
# Values that are only good for being handed back.
OPAQUE = frozenset({"nextCursor", "prevCursor", "uid", "id"})
MASKED = OPAQUE | {"etag"}
WORDS = frozenset({"message", "stack", "cause"})
ABSENT = "(absent)"
NIL = "00000000-0000-0000-0000-000000000000"


def methods() -> list[str]:
    """The public methods that the installed client has."""
    return list(json.loads(node("methods")))


def run_client(base: str, token: str, calls: Sequence[Call]) -> list[Line]:
    """Make calls in their order; one line each, as client.cjs writes it."""
    asked = [{"name": c.name, "method": c.method, "args": c.args} for c in calls]
    output = node("calls", json.dumps({"base": base, "token": token, "calls": asked}))
    return [json.loads(line) for line in output.splitlines()]


def node(action: str, given: str = "") -> str:
    """Run client.cjs."""
    installing.require()
    done = subprocess.run(
        [installing.binary("node"), SCRIPT, action],
        input=given,
        capture_output=True,
        text=True,
        env=installing.variables(),
        timeout=300,
    )
    if done.returncode:
        raise RuntimeError(f"the client ended with {done.returncode}: {done.stderr}")
    return done.stdout


def normalised(
    lines: Sequence[Line], calls: Sequence[Call], places: Mapping[str, str]
) -> list[Line]:
    """Answers without what is different in each run.

    `places` are addresses and what to call them: {"http://127.0.0.1:81": "{base}"}.
    """
    unordered = {call.name: call.unordered for call in calls}
    labels: dict[str, str] = {}
    found = []
    for line in lines:
        clean = {
            k: named(v, places, labels) for k, v in line.items() if k != "exchanges"
        }
        exchanges = []
        for number, exchange in enumerate(line["exchanges"]):
            exchanges.append(named(exchange, places, labels))
            origin = f"{line['name']}/{number}"
            labels.update(opaque(exchange["answer"], origin))
        sort = unordered[line["name"]]
        clean |= {"unordered": sort, "exchanges": exchanges}
        # Masked first: a uid must not decide the order.
        found.append(in_order(masked(clean)) if sort else masked(clean))
    return found


def named(value: Any, places: Mapping[str, str], labels: Mapping[str, str]) -> Any:
    """Every text with the names of places and of opaque values in it."""
    if isinstance(value, Mapping):
        return {
            key: inner if key in MASKED else named(inner, places, labels)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [named(inner, places, labels) for inner in value]
    if not isinstance(value, str):
        return value
    for text, label in {**places, **labels}.items():
        value = value.replace(text, label).replace(quote(text, safe=""), label)
    return GENERATED.sub("generated-{sha1}", value)


def opaque(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """The values in an answer that a later request may hand back, with their labels."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key in OPAQUE and isinstance(inner, str):
                yield inner, f"{{{path}/{key}}}"
            else:
                yield from opaque(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from opaque(inner, f"{path}/{place}")


def masked(value: Any) -> Any:
    """Opaque values as {uid}, {etag} and so on; ids in running text as {uuid}."""
    if isinstance(value, Mapping):
        return {
            key: f"{{{key}}}"
            if key in MASKED and isinstance(inner, str)
            else masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    if isinstance(value, str):
        return UUID.sub(lambda m: m[0] if m[0] == NIL else "{uuid}", value)
    return value


def in_order(value: Any) -> Any:
    """Lists of entities, or of values with their counts, in an order of ours."""
    if isinstance(value, Mapping):
        return {key: in_order(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return value
    items = [in_order(inner) for inner in value]
    return sorted(items, key=json.dumps) if all(map(sortable, items)) else items


def sortable(item: Any) -> bool:
    """Whether it is an entity or a counted value."""
    return isinstance(item, Mapping) and bool({"metadata", "count"} & item.keys())


def unlike(
    theirs: Sequence[Line], ours: Sequence[Line], *, messages: bool = False
) -> list[str]:
    """How two normalised lists of the same calls differ, one line each.

    Only what the caller gets is compared: values, and the names and status of errors;
    their `messages` if asked.
    """
    if [line["name"] for line in theirs] != [line["name"] for line in ours]:
        return ["the calls are not the same"]
    found = []
    for there, here in zip(theirs, ours, strict=True):
        a, b = (dict(flat(got(line, messages))) for line in (there, here))
        for path in sorted(a.keys() | b.keys()):
            if a.get(path, ABSENT) != b.get(path, ABSENT):
                found.append(
                    f"{there['name']}: {path or 'value'} is {b.get(path, ABSENT)!r},"
                    f" not {a.get(path, ABSENT)!r}"
                )
    return found


def got(line: Line, messages: bool) -> Any:
    """What the caller of the client got."""
    kept = {key: line[key] for key in ("ok", "value", "error") if key in line}
    return kept if messages else without_messages(kept)


def without_messages(value: Any) -> Any:
    """A document without the sentences of its errors."""
    if isinstance(value, Mapping):
        error = "message" in value and "name" in value
        kept = {k: v for k, v in value.items() if not (error and k in WORDS)}
        return {key: without_messages(inner) for key, inner in kept.items()}
    if isinstance(value, list):
        return [without_messages(inner) for inner in value]
    return value
