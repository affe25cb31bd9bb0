"""Longer texts for the comparison of readers, grown from the same seed every time."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_KEYS = ("a", "b", "name", "x y", "'q'", '"d"', "1", "no", "true", "<<", "a.b/c", "é")
_VALUES = (
    *("hello world", "a, b", "see: this", "x #y", "x # c", "http://h:80/x?y=1#z"),
    *("it's", 'say "hi"', "${{ a.b }}", "$text", "a\\b", "- x", "(a)"),
    *("<a@b>", "50%", "@x", "1,000", "> x", "x:", "x :y", "\xa0x", "🎉", ""),
    *("no", "On", "012", "1.10", "1e3", "0x1F", "1:30", "1_000", "null", "~", "-0"),
    *("'a: b'", "'it''s'", '"a\\tb"', '"\\ud83c\\udf89"', "!!str 5", "! no", "*n"),
    *("&n 1", "&n [a]", "[]", "{}", "[a, b]", "[a, [b], {c: d}]", "{a: b, c: }"),
)
_LINES = ("x", "  y", "", "# z", "a: b", "- q", "z ", "---x", "'", "é")
_HEADS = ("|", ">", "|-", ">-", "|+", ">+", "|2", "| # c")
_COLONS = (": ", ": ", ":  ", " : ", ":\t")
_FOLDS = ("\n", "\n\n")
_BETWEEN = ("\n---\n", "\n...\n", "\n--- # c\n", "\n...\n---\n")


class _Grower:
    def __init__(self, seed: int) -> None:
        # Of Random only this method promises the same numbers in every Python.
        self._next = Random(seed).random

    def _one(self, choices: Sequence[str]) -> str:
        return choices[int(self._next() * len(choices))]

    def _often(self, share: float) -> bool:
        return self._next() < share

    def _number(self, most: int) -> int:
        return 1 + int(self._next() * most)

    def text(self) -> str:
        """One file, of one document or a few."""
        text = self._one(("", "", "", "---\n", "# c\n", "%YAML 1.2\n---\n"))
        text += self._part(3)
        while self._often(0.2):
            text += self._one(_BETWEEN) + self._part(2)
        text += self._one(("\n", "\n", "", "\n\n"))
        return text.replace("\n", "\r\n") if self._often(0.1) else text

    def _part(self, depth: int) -> str:
        return self._mapping(depth) if self._often(0.8) else self._list(depth)

    def _mapping(self, depth: int) -> str:
        return "\n".join(self._pair(depth) for _ in range(self._number(3)))

    def _pair(self, depth: int) -> str:
        key = self._one(_KEYS)
        if depth and self._often(0.4):
            comment = "" if self._often(0.8) else " # c"
            return f"{key}:{comment}\n{_indented(self._part(depth - 1), 2)}"
        if self._often(0.2):
            return f"{key}: {self._block()}"
        return key + self._one(_COLONS) + self._scalar()

    def _list(self, depth: int) -> str:
        items = []
        for _ in range(self._number(3)):
            if depth and self._often(0.4):
                items.append(f"- {_indented(self._part(depth - 1), 2)[2:]}")
            else:
                items.append(f"- {self._scalar()}")
        return "\n".join(items)

    def _scalar(self) -> str:
        if self._often(0.85):
            return self._one(_VALUES)
        quote = self._one(("", "'", '"'))
        return f"{quote}x{self._one(_FOLDS)}    y z{quote}"

    def _block(self) -> str:
        lines = "\n".join(self._one(_LINES) for _ in range(self._number(4)))
        return f"{self._one(_HEADS)}\n{_indented(lines, 4)}"


def _indented(text: str, by: int) -> str:
    return "\n".join(" " * by + line if line else line for line in text.split("\n"))


def grown(number: int) -> list[str]:
    """As many texts as asked for."""
    return [_Grower(seed).text() for seed in range(number)]
