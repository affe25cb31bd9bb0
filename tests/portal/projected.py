"""What Backstage asks of a document, told another way than the export tells it.

Written from the table of rules that a real one was asked for, and not from our own
check: names, tags, labels, annotations, links, and what each kind needs.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from catalog.entities import dialect
from catalog.entities.viewer import EVERYTHING, Viewer
from portal.projections.projection import Asked
from portal.projections.targets.backstage import Backstage

STRANGER = Viewer()
SIGNED_IN = Viewer(signed_in=True)
NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
NEEDS = {
    "Component": ("type", "lifecycle", "owner"),
    "API": ("type", "lifecycle", "owner", "definition"),
    "Resource": ("type", "owner"),
    "System": ("owner",),
    "Domain": ("owner",),
    "Group": ("type", "children"),
    "User": ("memberOf",),
    "AiResource": ("type", "lifecycle", "owner"),
    "Location": (),
}
OURS = ("Model", "Eval")


def export(
    profile: str = "stock", viewer: Viewer = EVERYTHING, home: str = ""
) -> Backstage:
    """What one reader gets."""
    return Backstage(Asked(viewer, profile, home))


def documents(text: str) -> list[dict[str, Any]]:
    """A file as two readers of YAML see it: they have to agree."""
    parts = [part for part in re.split(r"^---\n", text, flags=re.M) if part.strip()]
    found = [dialect.build(part, 1, None) for part in parts]
    found = [one for one in found if one is not None]
    assert found == [one for one in yaml.safe_load_all(text) if one is not None]
    return found


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Documents by `kind:name`, in lower case."""
    return {f"{one['kind']}:{one['metadata']['name']}".lower(): one for one in found}


def everything(*args: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """All that one reader gets, by `kind:name`."""
    text = export(*args, **options).render("all.yaml")
    assert text is not None
    return by_name(documents(text))


def complaints(document: dict[str, Any], *more: str) -> list[str]:
    """What Backstage has against a document; `more` are the kinds it was taught."""
    kind, metadata = document["kind"], document["metadata"]
    spec = document.get("spec") or {}
    found = [key for key in document if key not in _ROOT]
    if kind not in (*NEEDS, *more):
        found.append(f"kind {kind}")
    if kind in NEEDS and document["apiVersion"] not in _VERSIONS:
        found.append("apiVersion")
    found += [f"spec.{key}" for key in NEEDS.get(kind, ()) if spec.get(key) is None]
    if "owner" in spec and not (isinstance(spec["owner"], str) and spec["owner"]):
        found.append("spec.owner is no text")
    for field in ("definition", "type", "lifecycle"):
        if field in spec and not (isinstance(spec[field], str) and spec[field]):
            found.append(f"spec.{field} is no text")
    for one in [*spec.get("dependsOn", []), *spec.get("dependencyOf", [])]:
        if not re.fullmatch(r"[A-Za-z]+:([a-z0-9-]+/)?[-A-Za-z0-9_.]+", one):
            found.append(f"reference {one}")
    return found + _of_metadata(metadata)


_ROOT = ("apiVersion", "kind", "metadata", "spec")
_VERSIONS = ("backstage.io/v1alpha1", "backstage.io/v1beta1")


def _of_metadata(metadata: dict[str, Any]) -> list[str]:
    found = []
    name = metadata["name"]
    if not (isinstance(name, str) and len(name) <= 63 and NAME.fullmatch(name)):
        found.append("name")
    if not re.fullmatch(r"[a-z0-9]+(-+[a-z0-9]+)*", metadata.get("namespace", "a")):
        found.append("namespace")
    return found + _of_texts(metadata)


def _of_texts(metadata: dict[str, Any]) -> list[str]:
    found: list[str] = []
    tag_rule = re.compile(r"(?=.{1,63}$)[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
    found += [tag for tag in metadata.get("tags", []) if not tag_rule.fullmatch(tag)]
    for key in [*metadata.get("labels", {}), *metadata.get("annotations", {})]:
        prefix, _, last = key.rpartition("/")
        if prefix != prefix.lower() or not NAME.fullmatch(last) or len(last) > 63:
            found.append(f"key {key}")
    for value in metadata.get("annotations", {}).values():
        if not isinstance(value, str):
            found.append(f"annotation {value}")
    for value in metadata.get("labels", {}).values():
        if not isinstance(value, str) or (value and not NAME.fullmatch(value)):
            found.append(f"label {value}")
    return found
