"""Refusal: why something about an account was not done, as one sentence for people."""

from __future__ import annotations


class Refusal(Exception):
    """Nothing was changed. `field` names the box of the form that it is about."""

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
