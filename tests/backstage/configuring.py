"""The app-config.yaml of a Backstage: which kinds, which database, what it may read.

Three profiles: `stock` knows Backstage's own kinds, `ai-model` adds the module of
AiResource and MCP servers, `native` takes our kinds and relations as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

from catalog.kind import KINDS, OURS, RefTo

Profile = Literal["stock", "ai-model", "native"]
STOCK = (
    "API",
    "Component",
    "Domain",
    "Group",
    "Location",
    "Resource",
    "System",
    "User",
)
# Backstage derives these itself, from the same fields of its own kinds.
DERIVED = frozenset(
    {"childOf", "consumesApi", "dependsOn", "memberOf", "ownedBy", "partOf"}
    | {"parentOf", "providesApi", "hasMember", "dependencyOf"}
)


@dataclass(frozen=True)
class Target:
    """A location of the configuration, with the kinds that may come from it."""

    url: str
    allow: tuple[str, ...]


@dataclass(frozen=True)
class Settings:
    """What a Backstage is started with.

    `interval` is the seconds after which an entity is processed again. Backstage needs
    about 10 ms for each: too short an interval for a large catalog never settles.
    `reading` are hosts, with a port or a range of ports, that it may read from.
    What is kept for the next start is in files of `folder`, or in databases that
    begin with `prefix`. `module` is the text of a module that teaches it our kinds,
    instead of the one of these tests.
    """

    profile: Profile = "stock"
    database: str = ""
    folder: str = ""
    prefix: str = ""
    interval: float = 30
    search: bool = True
    reading: tuple[str, ...] = ("127.0.0.1:1-65535", "localhost:1-65535")
    targets: tuple[Target, ...] = ()
    allow: tuple[str, ...] = ()
    module: str = ""

    @property
    def is_taught(self) -> bool:
        """Does it learn our kinds by the module of these tests?"""
        return self.profile == "native" and not self.module

    def allowed(self) -> list[str]:
        """The kinds that may come from any location."""
        extra = {"ai-model": ["AiResource"], "native": list(ours())}
        return list(self.allow) or [*STOCK, *extra.get(self.profile, [])]


def written(settings: Settings, port: int, token: str, prefix: str) -> dict[str, Any]:
    """The configuration as a document."""
    url = f"http://127.0.0.1:{port}"
    access = {"token": token, "subject": "greenroom-tests"}
    return {
        "app": {"title": "Greenroom tests", "baseUrl": url},
        "organization": {"name": "Greenroom tests"},
        "backend": {
            "baseUrl": url,
            "listen": {"host": "127.0.0.1", "port": port},
            "database": database(settings, prefix),
            "auth": {"externalAccess": [{"type": "static", "options": access}]},
            "reading": {"allow": [{"host": host} for host in settings.reading]},
        },
        "catalog": {
            "processingInterval": {"milliseconds": round(settings.interval * 1000)},
            "rules": [{"allow": settings.allowed()}],
            "locations": locations(settings.targets),
        },
        "greenroom": {
            "search": settings.search,
            "aiModel": settings.profile == "ai-model",
            "kinds": native() if settings.is_taught else None,
        },
    }


def locations(targets: Sequence[Target]) -> list[dict[str, Any]]:
    """The locations that are read from the start on."""
    return [
        {
            "type": "url",
            "target": target.url,
            "rules": [{"allow": list(target.allow)}],
        }
        for target in targets
    ]


def database(settings: Settings, prefix: str) -> dict[str, Any]:
    """SQLite in memory or in files, or PostgreSQL: each plugin has a database."""
    if not settings.database:
        kept = {"directory": settings.folder} if settings.folder else ":memory:"
        return {"client": "better-sqlite3", "connection": kept}
    parts = urlsplit(settings.database)
    # A socket's folder stands in the query, as libpq has it.
    host = parse_qs(parts.query).get("host", [parts.hostname or "127.0.0.1"])[0]
    connection: dict[str, Any] = {"host": host, "port": parts.port or 5432}
    if parts.username:
        connection["user"] = parts.username
    connection["password"] = parts.password or ""
    return {"client": "pg", "prefix": prefix, "connection": connection}


def ours() -> list[str]:
    """The kinds that only Greenroom has."""
    return [name for name, kind in KINDS.items() if set(kind.api_versions) & set(OURS)]


def native() -> dict[str, Any]:
    """Our kinds with their links; of Backstage's kinds the links that it ignores."""
    found = {}
    for name, kind in KINDS.items():
        own = name in ours()
        links = [
            {"field": field, **link(marker)}
            for field, marker in kind.links()
            if own or marker.relation not in DERIVED
        ]
        versions = list(kind.api_versions) if own else []
        if own or links:
            found[name] = {"apiVersions": versions, "links": links}
    return found


def link(marker: RefTo) -> dict[str, Any]:
    """A link as native.cjs reads it."""
    return {
        "relation": marker.relation,
        "inverse": marker.inverse,
        "kind": marker.kind,
        "reverse": marker.reverse,
    }
