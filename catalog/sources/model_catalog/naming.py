"""Names, owners, tags and keys of a model catalog, made valid by one set of functions.

A name and every reference to it come from the same place, so none dangles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from catalog import refs

_HASH = 8
_KEY = re.compile(
    r"(?:(?=[^/]{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
    r"(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9](?:[-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?"
)


def name_of(raw: str) -> str:
    """A valid name for any text; where nothing of it can be used, one of its hash."""
    try:
        return refs.to_name(raw)
    except refs.RefError:
        return f"name-{_hash(raw)}"


def apart(raw: str) -> str:
    """A valid name for a text whose own is taken."""
    return f"{name_of(raw)[: 62 - _HASH].rstrip('-_.')}-{_hash(raw)}"


def names_of(raws: Collection[str]) -> dict[str, str]:
    """A name for each text, all of them different, whatever the order of the texts.

    Of those that would be called alike, one that is valid as it stands keeps its name.
    """
    alike: dict[str, list[str]] = {}
    for raw in sorted(raws):
        alike.setdefault(name_of(raw).lower(), []).append(raw)
    found: dict[str, str] = {}
    for group in alike.values():
        valid = (raw for raw in group if name_of(raw) == raw)
        keeper = next(valid, group[0] if len(group) == 1 else None)
        found |= {raw: name_of(raw) if raw == keeper else apart(raw) for raw in group}
    return found


def belongs(raw: str, name: str) -> bool:
    """Is this the name that a text was given?"""
    return name in (name_of(raw), apart(raw))


def _hash(raw: str) -> str:
    return hashlib.blake2b(raw.encode(), digest_size=_HASH // 2).hexdigest()


def owner_of(raw: str) -> str:
    """The reference of an owner: kept where it is one, a user where it is a name."""
    try:
        if ":" in raw:
            refs.parse(raw)
            return raw
        found = refs.parse(raw, kind="user")
        return f"user:{found.namespace}/{found.name}"
    except refs.RefError:
        return f"user:{refs.DEFAULT_NAMESPACE}/{name_of(raw)}"


def owner_in(owner: str, namespace: str) -> str:
    """How the format writes an owner: a user of the default namespace by name."""
    found = refs.parse(owner, kind="group", namespace=namespace)
    if found.kind.lower() == "user" and found.namespace == refs.DEFAULT_NAMESPACE:
        return found.name
    return f"{found.kind.lower()}:{found.namespace}/{found.name}"


def tags_of(raws: Iterable[str]) -> list[str]:
    """Tags in lower case, each once; what nothing is left of is no tag."""
    clean = (re.sub(r"[^a-z0-9:+#]+", "-", raw.lower())[:63].strip("-") for raw in raws)
    return list(dict.fromkeys(tag for tag in clean if tag))


def is_key(raw: str) -> bool:
    """May an annotation be called this?"""
    return bool(_KEY.fullmatch(raw))


def is_address(raw: str, schemes: Collection[str] = ()) -> bool:
    """Is it a URL with a host, of one of these schemes where they are named?"""
    try:
        parts = urlsplit(raw)
    except ValueError:
        return False
    if re.search(r"[\s\x00-\x1f]", raw) or not (parts.scheme and parts.netloc):
        return False
    return not schemes or parts.scheme in schemes
