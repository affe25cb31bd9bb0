"""Reading an answer: its status in words, its JSON, the models it lists."""

from __future__ import annotations

import json
import math
from typing import Any

from catalog.http.exchange import Reply
from catalog.probes import words
from catalog.probes.prober import Stop, stop

_QUOTED = 160


def good(reply: Reply) -> Reply:
    """The reply, when its status says that it is one. Raises Stop."""
    if 200 <= reply.status < 300:
        return reply
    raise wrong_status(reply)


def wrong_status(reply: Reply) -> Stop:
    """What a status means that is not the one of success."""
    said = quoted(reply)
    if reply.status in (401, 403):
        return stop(
            words.KEY_WRONG,
            f"It answers, and refuses the key ({reply.status}).{said}",
            words.DEGRADED,
        )
    if reply.status == 503 and "loading" in reply.body[:2000].decode("latin-1").lower():
        return stop(words.LOADING, f"It loads its model.{said}", words.DEGRADED)
    if reply.status == 429:
        return stop(words.SATURATED, f"It takes no more (429).{said}", words.BUSY)
    if reply.status == 404:
        return stop(words.NOT_FOUND, f"{reply.url} is not there (404).{said}")
    if reply.status >= 500:
        return stop(words.SERVER_ERROR, f"It answers {reply.status}.{said}")
    return stop(words.BAD_STATUS, f"It answers {reply.status}.{said}")


def quoted(reply: Reply) -> str:
    """The message of an error, for the end of a sentence."""
    text = reply.body[:2000].decode("utf-8", "replace")
    found = _message(text)
    short = " ".join(found.split())[:_QUOTED]
    return f" It says: “{short}”" if short else ""


def _message(text: str) -> str:
    try:
        data: Any = json.loads(text)
    except ValueError:
        return "" if "<" in text[:50] else text
    for key in ("error", "detail", "message"):
        if isinstance(data, dict) and key in data:
            data = data[key]
    return data if isinstance(data, str) else json.dumps(data)


def json_of(reply: Reply) -> Any:
    """The JSON of a reply of success. Raises Stop."""
    good(reply)
    try:
        return json.loads(reply.body)
    except ValueError:
        raise stop(
            words.BAD_BODY, f"{reply.url} answers, but not with JSON.{quoted(reply)}"
        ) from None


def object_of(reply: Reply) -> dict[str, Any]:
    """The JSON object of a reply of success. Raises Stop."""
    data = json_of(reply)
    if not isinstance(data, dict):
        raise stop(words.BAD_BODY, f"{reply.url} answers with JSON that is no object.")
    return data


def entries(data: Any, key: str = "data") -> list[dict[str, Any]]:
    """The objects in a list of an answer; what is none is left out."""
    found = data.get(key) if isinstance(data, dict) else data
    if not isinstance(found, list):
        return []
    return [entry for entry in found if isinstance(entry, dict)]


def ids(data: Any, key: str = "id", of: str = "data") -> list[str]:
    """The names of what an answer lists."""
    names = [entry.get(key) for entry in entries(data, of)]
    return [name for name in names if isinstance(name, str) and name]


def vector(value: Any) -> list[float]:
    """A vector that can be one: numbers, all finite, not all zero. Raises Stop."""
    numbers = value if isinstance(value, list) else []
    if not numbers or not all(isinstance(n, int | float) for n in numbers):
        raise stop(words.BAD_BODY, "The answer holds no vector of numbers.")
    if not all(map(math.isfinite, numbers)):
        raise stop(words.BAD_BODY, "The vector holds numbers that are not finite.")
    if not any(numbers):
        raise stop(words.BAD_BODY, "The vector holds nothing but zeros.")
    return [float(n) for n in numbers]
