"""The metadata of a document as Backstage takes it: valid, with where it is from."""

from __future__ import annotations

import ipaddress
import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from catalog import refs
from catalog.entities.viewer import VISIBILITY
from portal.projections.naming import key_of, label_value_of, tag_of
from portal.projections.profile import Draft

ORIGIN = "greenroom/ref"
TECHDOCS = "backstage.io/techdocs-ref"
SOURCE = "backstage.io/source-location"
# Backstage writes these itself.
_ITS_OWN = (
    "backstage.io/managed-by-location",
    "backstage.io/managed-by-origin-location",
    "backstage.io/orphan",
)
_SCHEME = re.compile(r"[A-Za-z][-A-Za-z0-9+.]*:[^\s]")
_HOST = re.compile(r"[^\s<>^|%\\#?/@:\[\]\x00-\x1f\x7f]+")


def shape(draft: Draft) -> dict[str, Any]:
    """Name, texts, tags, labels, annotations and links; extra keys are kept."""
    old = draft.metadata
    new = draft.world.names.of(draft.ref)
    made: dict[str, Any] = {"name": new.name}
    if new.namespace != refs.DEFAULT_NAMESPACE:
        made["namespace"] = new.namespace
    title = old.get("title") or ("" if new.name == old["name"] else old["name"])
    if title:
        made["title"] = title
    if old.get("description"):
        made["description"] = old["description"]
    if labels := _labels(old.get("labels") or {}):
        made["labels"] = labels
    made["annotations"] = _annotations(draft)
    if tags := _tags(draft):
        made["tags"] = tags
    if links := _links(draft):
        made["links"] = links
    kept = {key: value for key, value in old.items() if key not in _WRITTEN}
    return {**made, **kept}


_WRITTEN = {
    *("name", "namespace", "title", "description"),
    *("labels", "annotations", "tags", "links"),
    # Backstage gives its own.
    *("uid", "etag", "generation"),
}


def _labels(labels: dict[str, Any]) -> dict[str, str]:
    return {key_of(key): label_value_of(value) for key, value in labels.items()}


def _annotations(draft: Draft) -> dict[str, str]:
    """The author's, what was decided here, and where it is from."""
    old = draft.metadata
    given = old.get("annotations") or {}
    made = {
        key_of(key): value if isinstance(value, str) else str(value)
        for key, value in given.items()
        # Backstage would not heed who may see it, and its groups may be hidden.
        if key not in _ITS_OWN and key != VISIBILITY
    }
    for key, value in draft.said.items():
        made.setdefault(key, value)
    if TECHDOCS in made:
        _point_to_documents(draft, made)
    made[ORIGIN] = f"{draft.kind}:{draft.namespace}/{old['name']}"
    return made


def _point_to_documents(draft: Draft, made: dict[str, str]) -> None:
    """Backstage reads documents from their repository, never from this export."""
    kind, _, where = made[TECHDOCS].partition(":")
    base = made.get(SOURCE, "")
    address = base.removeprefix("url:")
    if kind == "url":
        return
    if kind == "dir" and base.startswith("url:") and _is_web(address):
        folder = address if address.endswith("/") else f"{address}/"
        place = where.removeprefix("./").strip("/")
        inside = "" if place in ("", ".") else f"{place}/"
        made[TECHDOCS] = f"url:{urljoin(folder, inside)}"
        return
    del made[TECHDOCS]
    draft.notes.append(
        f"Its documents are left out: without {SOURCE} Backstage cannot read them."
    )


def _tags(draft: Draft) -> list[str]:
    tags = [tag_of(tag) for tag in draft.metadata.get("tags") or []]
    return list(dict.fromkeys(tag for tag in tags if tag))


def _links(draft: Draft) -> list[dict[str, Any]]:
    given = draft.metadata.get("links") or []
    made = [link for link in given if is_url(link.get("url"))]
    if len(made) < len(given):
        number = len(given) - len(made)
        draft.notes.append(f"{number} links are left out: they are no URL.")
    if draft.world.home:
        kind, _, rest = draft.ref.partition(":")
        namespace, _, name = rest.partition("/")
        page = f"{draft.world.home}catalog/{namespace}/{kind}/{name}/"
        made = [*made, {"url": page, "title": "Greenroom"}]
    return made


def is_url(value: Any) -> bool:
    """Would a browser's own parser take it? Backstage asks that."""
    if not isinstance(value, str) or not _SCHEME.match(value):
        return False
    return not value.lower().startswith(("http:", "https:")) or _is_web(value)


def _is_web(value: str) -> bool:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    if ":" in host:
        return True
    if host.rpartition(".")[2].isdigit():
        return _is_v4(host)
    return bool(_HOST.fullmatch(host))


def _is_v4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True
