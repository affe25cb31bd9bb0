"""Names as Backstage takes them: one function for a name, one table for all references.

`name_of` makes a valid name of any text and leaves a valid one alone. `Names` says what
each entity is called in an export; names and references both ask it, so they agree.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

from catalog import refs

LONGEST = 63
_TAG = re.compile(r"[a-z0-9:+#]+(-[a-z0-9:+#]+)*")
_DIGITS = 8


def digest(text: str) -> str:
    """A few letters that stand for a text; the same ones each time."""
    return hashlib.blake2b(text.encode(), digest_size=_DIGITS // 2).hexdigest()


def name_of(raw: str) -> str:
    """A valid name: the text itself where it is one.

    What loses letters, or is cut, ends in a hash of the whole, so that two long names
    with one beginning stay apart.
    """
    if refs.NAME.fullmatch(raw):
        return raw
    plain = _ascii(raw)
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-_.")
    if len(name) <= LONGEST and name and not _lost(raw, plain):
        return name
    return _marked(name, raw)


def namespace_of(raw: str) -> str:
    """A valid namespace."""
    if refs.DNS_LABEL.fullmatch(raw):
        return raw
    plain = _ascii(raw).lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(label) <= LONGEST and label and not _lost(raw, plain):
        return label
    return _marked(label, raw)


def tag_of(raw: object) -> str:
    """A valid tag, or empty where nothing is left of it."""
    text = _ascii(str(raw)).lower()
    if len(text) <= LONGEST and _TAG.fullmatch(text):
        return text
    made = re.sub(r"[^a-z0-9:+#]+", "-", text).strip("-")
    return made[:LONGEST].strip("-")


def label_value_of(raw: object) -> str:
    """A valid value of a label; empty is one."""
    text = raw if isinstance(raw, str) else str(raw)
    return name_of(text) if text else ""


@lru_cache(4096)
def key_of(raw: str) -> str:
    """A valid key of a label or an annotation, `prefix.example/name`."""
    prefix, slash, name = raw.rpartition("/")
    if not slash:
        return name_of(name)
    labels = [re.sub(r"[^a-z0-9-]+", "-", part) for part in prefix.lower().split(".")]
    kept = ".".join(part.strip("-") for part in labels if part.strip("-"))[:253]
    kept = kept.strip("-.")
    return f"{kept}/{name_of(name)}" if kept else name_of(name)


def _ascii(raw: str) -> str:
    return unicodedata.normalize("NFKD", raw).encode("ascii", "ignore").decode()


def _lost(raw: str, plain: str) -> bool:
    """Did letters vanish that no accent explains?"""
    before = sum(char.isalnum() for char in unicodedata.normalize("NFKD", raw))
    return sum(char.isalnum() for char in plain) < before


def _marked(name: str, raw: str) -> str:
    room = LONGEST - _DIGITS - 1
    start = name[:room].rstrip("-_.")
    return f"{start or 'x'}-{digest(raw)}"


class Named(NamedTuple):
    """One entity as the catalog has it."""

    ref: str
    kind: str
    namespace: str
    name: str


class Names:
    """What each entity is called in an export: original reference to new reference.

    `become` gives the kind that a kind becomes. Where two would have one name, the one
    that keeps its kind and spelling keeps the name, then the first by reference; the
    others end in a hash of their own reference, whoever else there is.
    """

    def __init__(self, rows: Iterable[Named], become: Callable[[str], str]) -> None:
        self._become = become
        self._new: dict[str, refs.Ref] = {}
        taken: set[str] = set()
        for row in sorted(rows, key=self._order):
            made = refs.Ref(
                become(row.kind), namespace_of(row.namespace), name_of(row.name)
            )
            while str(made) in taken:
                made = made._replace(name=_marked(made.name, f"{row.ref} {made.name}"))
            taken.add(str(made))
            self._new[row.ref] = made

    def _order(self, row: Named) -> tuple[bool, bool, str]:
        changed = name_of(row.name) != row.name
        return self._become(row.kind) != row.kind, changed, row.ref

    def __contains__(self, ref: str) -> bool:
        return ref in self._new

    def of(self, ref: str) -> refs.Ref:
        """What an entity of this export is called."""
        return self._new[ref]

    def outside(self, ref: refs.Ref) -> refs.Ref:
        """What one would be called that this export does not hold."""
        kind = self._become(ref.kind) or ref.kind
        return refs.Ref(kind, namespace_of(ref.namespace), name_of(ref.name))
