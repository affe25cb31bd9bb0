"""YAML as HTML lines with light marks: keys, comments, text. Escaped, never parsed."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# Possessive (*+), so that a line of many blanks is not tried over and over.
_LINE = re.compile(
    r"(?P<lead>\s*(?:- +)*)"
    r"(?P<key>(?:\"[^\"]*\"|'[^']*'|[^\s#'\"\[{&*!|>%@`:-][^#:]*+|-[^\s#:][^#:]*+)"
    r"(?=\s*:(?:\s|$)))?"
    r"(?P<rest>.*)"
)
_BLOCK = re.compile(r":\s*[|>][+-]?\d?\s*$|^\s*-\s+[|>][+-]?\s*$")


def marked_lines(text: str) -> list[str]:
    """Each line of the text as safe HTML, without its line break."""
    lines: list[str] = []
    block_indent = -1
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if block_indent >= 0 and (not line.strip() or indent > block_indent):
            lines.append(_span("y-text", line) if line.strip() else Markup(""))
            continue
        block_indent = indent if _BLOCK.search(line) else -1
        lines.append(_marked(line))
    return lines


def _marked(line: str) -> str:
    if line.strip() in ("---", "..."):
        return _span("y-break", line)
    found = _LINE.fullmatch(line)
    if not found:
        return escape(line)
    key = found["key"]
    return (
        escape(found["lead"])
        + (_span("y-key", key) if key else Markup(""))
        + _value(found["rest"])
    )


def _value(rest: str) -> Markup:
    start = _comment_start(rest)
    comment = _span("y-comment", rest[start:]) if start < len(rest) else Markup("")
    return escape(rest[:start]) + comment


def _comment_start(rest: str) -> int:
    """Where the comment begins: a `#` after a space and outside quotes."""
    quote, before = "", " "
    for place, char in enumerate(rest):
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'" and before in " [{,:":
            quote = char
        elif char == "#" and before.isspace():
            return place
        before = char
    return len(rest)


def _span(cls: str, text: str) -> Markup:
    return Markup('<span class="{}">{}</span>').format(cls, text)
