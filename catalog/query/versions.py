"""The version of each model that tables show: the one in production, or the last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from catalog.entities import generation
from catalog.entities.models import Entity

PRODUCTION = "production"

_CACHE: generation.Cache[dict[int, tuple[str, str]]] = generation.Cache(limit=1)


def known() -> Mapping[int, tuple[str, str]]:
    """Version and stage by entity key, of all models that name one. Not restricted: the
    caller keeps what the viewer may see. Read once after each change."""
    return _CACHE.get("versions", _read)


def _read() -> dict[int, tuple[str, str]]:
    rows = Entity.objects.filter(kind="Model").values_list("pk", "document")
    found = ((key, version_of(json.loads(text))) for key, text in rows.iterator())
    return {key: version for key, version in found if version[0]}


def version_of(data: Mapping[str, Any]) -> tuple[str, str]:
    """The version and its stage, or two empty texts."""
    listed = [one for one in _list(data) if isinstance(one, Mapping)]
    serving = [one for one in listed if one.get("stage") == PRODUCTION]
    chosen = (serving or listed)[-1:]
    if not chosen:
        return "", ""
    return str(chosen[0].get("version") or ""), str(chosen[0].get("stage") or "")


def _list(data: Mapping[str, Any]) -> list[Any]:
    spec = data.get("spec")
    versions = spec.get("versions") if isinstance(spec, Mapping) else None
    return versions if isinstance(versions, list) else []
