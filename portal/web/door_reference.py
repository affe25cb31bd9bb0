"""Who may open what, from the list of doors, with the address of each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from portal.doors import DOORS, Door, Policy
from portal.web.middleware import READ_IN_OPEN_HOUSE, STATUS

_PART = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Line:
    """One door and its address, with names in braces where something is filled in."""

    address: str
    door: Door

    @property
    def methods(self) -> str:
        """The methods that it takes."""
        return ", ".join(self.door.methods)


@dataclass(frozen=True)
class Group:
    """The doors of one policy, and what the settings make of it now."""

    policy: Policy
    lines: list[Line]
    now: str

    @property
    def anchor(self) -> str:
        """The part of the address after #."""
        return self.policy.name.lower().replace("_", "-")


def groups() -> list[Group]:
    """Every door, by who may open it; the widest first."""
    routes = dict(_routes(get_resolver(), "", ""))
    found: dict[Policy, list[Line]] = {policy: [] for policy in Policy}
    for key, door in DOORS.items():
        # An operation of the API stands under its method and its route.
        route = routes.get(key) or key.rpartition(" ")[2]
        found[door.policy].append(Line("/" + _PART.sub(r"{\1}", route), door))
    return [
        Group(policy, sorted(lines, key=lambda line: line.address), _now(policy))
        for policy, lines in found.items()
        if lines
    ]


def _routes(
    resolver: URLResolver, before: str, namespace: str
) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield f"{namespace}{one.name or ''}", route
        elif one.namespace in DOORS:
            yield one.namespace or "", f"{route}…"
        else:
            below = f"{one.namespace}:" if one.namespace else ""
            yield from _routes(one, route, namespace + below)


def _now(policy: Policy) -> str:
    """What the settings say now about strangers; nothing where they say nothing."""
    if policy in READ_IN_OPEN_HOUSE and settings.GREENROOM_PUBLIC:
        return "GREENROOM_PUBLIC is on: strangers may open these now."
    if policy in STATUS and settings.GREENROOM_STATUS_PUBLIC:
        return "GREENROOM_STATUS_PUBLIC is on: strangers may open these now."
    if policy in READ_IN_OPEN_HOUSE:
        return "The settings are off: these need a login now" + (
            ", unless an entity is `public`."
            if policy in (Policy.BADGE, Policy.OF_ENTITY)
            else "."
        )
    return ""
