"""The words of a match, marked in the text that shows them."""

from __future__ import annotations

from markupsafe import Markup, escape

from catalog.query import fulltext
from catalog.query.fulltext import Sought


def marked(text: str, sought: Sought | None) -> Markup:
    """The text with each matching word in a mark; every part of it is escaped."""
    if not sought:
        return escape(text)
    parts: list[str] = []
    at = 0
    for start, end in fulltext.places(text, sought):
        word = Markup("<mark>{}</mark>").format(text[start:end])
        parts += [escape(text[at:start]), word]
        at = end
    return Markup("").join([*parts, escape(text[at:])])
