"""Would Backstage take this document? It drops what it does not, and says so in a log.

The rules of its envelope and of its kinds, for what is on its way out: quick, because
every document of every export is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from catalog import refs

_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_KEY = re.compile(
    r"(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?"
)
NEEDED: dict[str, tuple[str, ...]] = {
    "Component": ("type", "lifecycle", "owner"),
    "API": ("type", "lifecycle", "owner", "definition"),
    "Resource": ("type", "owner"),
    "System": ("owner",),
    "Domain": ("owner",),
    "Group": ("type",),
}
NEEDED_LISTS = {"Group": "children", "User": "memberOf"}


def refusal(made: dict[str, Any]) -> str:
    """The first rule that a document breaks; empty where it breaks none."""
    return next(_broken(made), "")


def _broken(made: dict[str, Any]) -> Iterator[str]:
    yield from _in_metadata(made["metadata"])
    spec, kind = made.get("spec") or {}, made["kind"]
    for name in NEEDED.get(kind, ()):
        if not isinstance(spec.get(name), str) or not spec[name]:
            yield f"A {kind} needs spec.{name}, a text."
    name = NEEDED_LISTS.get(kind, "")
    if name and not isinstance(spec.get(name), list):
        yield f"A {kind} needs spec.{name}, a list."


def _in_metadata(metadata: dict[str, Any]) -> Iterator[str]:
    if not refs.NAME.fullmatch(metadata["name"]):
        yield "metadata.name is not valid."
    if not refs.DNS_LABEL.fullmatch(metadata.get("namespace", "default")):
        yield "metadata.namespace is not valid."
    yield from _in_pairs(metadata.get("labels") or {}, "label", refs.NAME)
    yield from _in_pairs(metadata.get("annotations") or {}, "annotation", None)
    for tag in metadata.get("tags") or []:
        if len(tag) > 63 or not _TAG.fullmatch(tag):
            yield f"The tag {tag} is not valid."


def _in_pairs(
    pairs: dict[str, Any], what: str, form: re.Pattern[str] | None
) -> Iterator[str]:
    for key, value in pairs.items():
        fits = isinstance(value, str) and (
            not form or not value or form.fullmatch(value)
        )
        if not fits or not _KEY.fullmatch(key):
            yield f"The {what} {key} is not valid."
