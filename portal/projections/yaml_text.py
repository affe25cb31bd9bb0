"""Plain values as YAML for readers of 1.1 and 1.2: quick, and the same each time.

PyYAML needs 1 to 2 ms for a document; ten thousand of them have to take less than three
seconds with everything around them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

# Texts that no reader takes for anything else, without quotes.
_C = r"[-A-Za-z0-9_./@+%=?&~()']"
_PLAIN = re.compile(rf"(?:\./)?[A-Za-z]{_C}*(?:(?: |:|,|, ){_C}+)*")
_KEY = re.compile(r"[A-Za-z][-A-Za-z0-9_./]*")
_WORDS = frozenset(
    {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "none", "nan", "inf"}
)
# Line breaks for some readers, and what may not stand in YAML as it is.
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_EMPTY_LINE = re.compile(r"^[ \t]+$", re.MULTILINE)
_LONGEST_PLAIN = 400


def write(document: dict[str, Any]) -> str:
    """One document, in the order of its keys."""
    out: list[str] = []
    _mapping(document, "", out)
    return "".join(out)


def _mapping(value: dict[str, Any], indent: str, out: list[str]) -> None:
    for key, inner in value.items():
        out.append(f"{indent}{_key(str(key))}:")
        _value(inner, indent, out)


def _sequence(value: Iterable[Any], indent: str, out: list[str]) -> None:
    for inner in value:
        out.append(f"{indent}-")
        if isinstance(inner, dict) and inner:
            lines: list[str] = []
            _mapping(inner, f"{indent}  ", lines)
            lines[0] = f" {lines[0].lstrip(' ')}"
            out += lines
        else:
            _value(inner, indent, out)


def _value(value: Any, indent: str, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(f" {text(value, indent)}\n")
    elif isinstance(value, dict) and value:
        out.append("\n")
        _mapping(value, f"{indent}  ", out)
    elif isinstance(value, (list, tuple)) and value:
        out.append("\n")
        _sequence(value, f"{indent}  ", out)
    else:
        out.append(f" {json.dumps(value)}\n")


@lru_cache(4096)
def _key(key: str) -> str:
    if _KEY.fullmatch(key) and key.lower() not in _WORDS:
        return key
    return quoted(key)


def text(value: str, indent: str = "") -> str:
    """A text: bare where that is safe, as a block where it has lines, else quoted."""
    if len(value) <= _LONGEST_PLAIN and _PLAIN.fullmatch(value):
        return value if value.lower() not in _WORDS else quoted(value)
    if "\n" in value and _fits_block(value):
        return _block(value, f"{indent}  ")
    return quoted(value)


def quoted(value: str) -> str:
    """A text in quotes: JSON, and what YAML wants escaped besides."""
    written = json.dumps(value, ensure_ascii=False)
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def _fits_block(value: str) -> bool:
    return (
        value[0] not in " \t\n"
        and not _ODD.search(value)
        and not _EMPTY_LINE.search(value)
    )


def _block(value: str, indent: str) -> str:
    body = value.rstrip("\n")
    ends = len(value) - len(body)
    sign = ("|-", "|", "|+")[min(ends, 2)]
    lines = [f"{indent}{line}" if line else "" for line in body.split("\n")]
    return "\n".join([sign, *lines, *[""] * max(0, ends - 1)])
