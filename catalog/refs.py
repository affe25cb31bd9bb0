"""Entity references, `kind:namespace/name`: parse, format, compare, and make names.

A reference is compared in lower case; entities keep the spelling of their author.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

DEFAULT_NAMESPACE = "default"
NAME = re.compile(r"[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?")
DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
KIND = re.compile(r"[A-Za-z][A-Za-z0-9]{0,62}")


class RefError(ValueError):
    """A text that is no entity reference; the message says why."""


class Ref(NamedTuple):
    """One reference, in the spelling of its author."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """The reference in lower case, the form that is stored and compared."""
        return f"{self.kind}:{self.namespace}/{self.name}".lower()


def parse(text: object, *, kind: str = "", namespace: str = DEFAULT_NAMESPACE) -> Ref:
    """Read `[kind:][namespace/]name`; `kind` and `namespace` fill what is left out.

    Raises RefError when the text is no reference, or names no kind and has no default.
    """
    if not isinstance(text, str) or not text:
        raise RefError(f"{text!r} is not a reference: write [kind:][namespace/]name")
    head, colon, rest = text.partition(":")
    given_kind, path = (head, rest) if colon else ("", text)
    space, slash, name = path.partition("/")
    if not slash:
        space, name = namespace, path
    if colon and not KIND.fullmatch(given_kind):
        raise RefError(f"{text!r} has no valid kind before the colon")
    if not (given_kind or kind):
        raise RefError(f"{text!r} needs a kind: write for example component:{text}")
    if not NAME.fullmatch(name) or not DNS_LABEL.fullmatch(space.lower()):
        raise RefError(f"{text!r} is not a reference: write [kind:][namespace/]name")
    return Ref(given_kind or kind, space, name)


def short(ref: str) -> str:
    """A stored reference for people: without the default namespace."""
    return ref.replace(f":{DEFAULT_NAMESPACE}/", ":", 1)


def to_name(raw: str) -> str:
    """Make a valid entity name of any text, such as `Qwen/Qwen2.5-7B` or `qwen2.5:7b`.

    Raises RefError when nothing usable is left.
    """
    ascii_text = unicodedata.normalize("NFKD", raw).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", ascii_text)[:63].strip("-_.")
    if not NAME.fullmatch(name):
        raise RefError(f"{raw!r} holds no letter or digit to make a name of")
    return name
