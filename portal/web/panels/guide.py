"""What a document says at length: usage, training, ethics, support, as Markdown."""

from __future__ import annotations

from portal.web.panel import MAIN, Context, Panel
from techdocs.markdown import render

TITLES = {
    "usage": "Usage",
    "training": "Training",
    "ethics": "Ethics",
    "support": "Support",
}


class Guide(Panel):
    """The prose of `spec`, as model catalogs bring it."""

    name = "guide"
    place, order = MAIN, 42

    def context(self) -> Context | None:
        """Each text under its title."""
        given = ((title, self.spec.get(key)) for key, title in TITLES.items())
        texts = [
            (title, render(text).html)
            for title, text in given
            if isinstance(text, str) and text.strip()
        ]
        return {"texts": texts} if texts else None
