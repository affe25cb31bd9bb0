"""Filters that are typed among the words: `kind:model owner:"user:ada" whisper`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalog.query.fields import FIELDS

# The name of a source is for the address; what a document says can be typed.
_NOT_TYPED = ("source",)
_TERM = re.compile(r'(?<!\S)(?P<key>[\w-]+):(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))')


def split(text: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The words, and the filters by key. What is no key of a facet stays a word."""
    filters: dict[str, tuple[str, ...]] = {}

    def take(term: re.Match[str]) -> str:
        key = term["key"].lower()
        if key not in FIELDS or key in _NOT_TYPED:
            return term[0]
        value = term["bare"] if term["quoted"] is None else term["quoted"].strip()
        filters[key] = tuple(dict.fromkeys([*filters.get(key, ()), value]))
        return ""

    words = _TERM.sub(take, text)
    return (" ".join(words.split()) if filters else text), filters


def spelled(column: Mapping[str, int], values: tuple[str, ...]) -> set[str]:
    """The values of a column that these mean, whatever their capitals."""
    wanted = {value.casefold() for value in values}
    return {value for value in column if value.casefold() in wanted}
