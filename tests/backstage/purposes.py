"""What a second Backstage has of a first, with Greenroom in between, and why."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from catalog import refs
from catalog.entities.relations import links_of
from tests.backstage.comparing import Taken, difference


def unlike(there: Taken, here: Taken, house: str) -> list[str]:
    """How the second differs from the first, but for what is on purpose."""
    came = {ref: one for ref, one in there.entities.items() if ref[:9] != "location:"}
    edges = [one for one in there.relations if one[0] in came]
    wanted = {ref: on_purpose(one, house) for ref, one in came.items()}
    root = {ref for ref in here.entities if ref.startswith("location:")}
    assert len(root) == 2, "what was registered, and the root of the export"
    found = {ref: one for ref, one in here.entities.items() if ref not in root}
    return difference(wanted, edges, replace(here, entities=found))


def on_purpose(entity: dict[str, Any], house: str) -> dict[str, Any]:
    """An entity of the first as the second should have it. All that is different:

    - annotations say who it was in the first and in Greenroom, because uid, etag and
      managed-by are each catalog's own;
    - a link leads to its page in Greenroom;
    - references are whole, so that they mean the same in every namespace.
    """
    made = copy.deepcopy(entity)
    metadata, spec = made["metadata"], made["spec"]
    ref = f"{made['kind']}:{metadata['namespace']}/{metadata['name']}"
    metadata["annotations"] = {
        **renamed(metadata["annotations"]),
        "greenroom/backstage-uid": metadata["uid"],
        "greenroom/ref": ref,
    }
    space, kind, name = metadata["namespace"], made["kind"].lower(), metadata["name"]
    page = f"{house}/catalog/{space}/{kind}/{name.lower()}/"
    link = {"url": page, "title": "Greenroom"}
    metadata["links"] = [*metadata.get("links", []), link]
    for field, marker in links_of(made["kind"]):
        if field in spec:
            spec[field] = whole(spec[field], marker.kind, metadata["namespace"])
    return made


def renamed(annotations: dict[str, str]) -> dict[str, str]:
    """Where the first had it from, under names of ours."""
    ours = "greenroom/backstage-managed-by-"
    return {
        key.replace("backstage.io/managed-by-", ours): value
        for key, value in annotations.items()
    }


def whole(value: Any, kind: str, namespace: str) -> Any:
    """A reference, or several, with kind and namespace."""
    if isinstance(value, list):
        return [whole(one, kind, namespace) for one in value]
    return str(refs.parse(value, kind=kind, namespace=namespace))
