r"""Characters that JSON writes as two escapes, `"\ud83d\ude00"`, which libyaml refuses.

Each escape is written as one for private use before the document is read, and the
quoted values are put together after. The text keeps its length, so places stay right.
"""

from __future__ import annotations

import re

# An escaped backslash is taken along, so that what follows it is no escape.
_PAIR = re.compile(
    r"\\\\|\\u[dD]([89abAB])([0-9a-fA-F]{2})\\u[dD]([c-fC-F])([0-9a-fA-F]{2})"
)
# What would be taken for a half of ours: the halves E000 to E7FF, plain or escaped.
_TAKEN = re.compile(r"[\ue000-\ue7ff]|\\[uU](?:0000)?[eE][0-7]")
_HALVES = {code: code - 0x800 for code in range(0xE000, 0xE800)}
_ESCAPE = re.compile(r"\\ue[0-7]")


def masked(text: str) -> str | None:
    """The text that libyaml takes; None where there is nothing to do, or no room."""
    if "\\ud" not in text and "\\uD" not in text:
        return None
    if not _PAIR.search(text) or _TAKEN.search(text):
        return None
    return _PAIR.sub(_mask, text)


def _mask(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[0]
    high, low = (int(match[part], 16) - 8 for part in (1, 3))
    return f"\\ue{high}{match[2]}\\ue{low}{match[4]}"


def unmasked(value: str) -> str:
    """A double-quoted value with its halves put together."""
    halves = value.translate(_HALVES)
    return halves.encode("utf-16", "surrogatepass").decode("utf-16")


def is_masked(value: str) -> bool:
    """Was something masked in a value that knows no escapes?"""
    return bool(_ESCAPE.search(value))
