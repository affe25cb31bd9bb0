"""The doors that there really are, as Django's resolver and the API know them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from ninja.operation import PathView

PART = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Way:
    """One route: the key of its door, and its pattern."""

    key: str
    route: str

    @property
    def parts(self) -> list[str]:
        """What has to be filled in."""
        return PART.findall(self.route)

    def address(self, parts: dict[str, Any]) -> str:
        """The route with these parts."""
        return "/" + PART.sub(lambda found: str(parts[found[1]]), self.route)


def ways() -> list[Way]:
    """Every route of the house, once; Django's tables are one."""
    return list(dict.fromkeys(_walk(get_resolver(), "", "")))


def _walk(resolver: URLResolver, before: str, namespace: str) -> Iterator[Way]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace == "admin":
                yield Way("admin", route)
            else:
                below = f"{one.namespace}:" if one.namespace else ""
                yield from _walk(one, route, namespace + below)
        elif isinstance(one, URLPattern):
            yield from _ways_of(one, route, namespace)


def _ways_of(one: URLPattern, route: str, namespace: str) -> Iterator[Way]:
    operations = operations_of(one.callback)
    if not operations:
        yield Way(f"{namespace}{one.name or ''}", route)
    for operation in operations:
        for method in operation.methods:
            yield Way(f"{method} {route}", route)


def operations_of(view: Callable[..., Any]) -> list[Any]:
    """The operations of the API behind a view; of a page, none."""
    if not inspect.isfunction(view):
        return []
    held = inspect.getclosurevars(view).nonlocals.get("self")
    return list(held.operations) if isinstance(held, PathView) else []
