"""The best entities for a few words, each with the text that matched; and counts.

Lean beside `search`: no facets, no pages. For suggestions while somebody types.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalog import refs
from catalog.entities import generation, hot
from catalog.entities.hot import Line
from catalog.entities.near import References
from catalog.entities.viewer import Viewer
from catalog.query import columns, fulltext, slips
from catalog.query.columns import Columns
from catalog.query.language.asking import ask
from catalog.query.language.scope import Scope
from catalog.query.language.wrong import Wrong

_AROUND = 60


@dataclass(frozen=True)
class Hit:
    """One entity that was found: who owns it, and the words around the match.

    `matched` is empty where the title or name says it already.
    """

    entity: Line
    owner: str
    matched: str


def find(text: str, viewer: Viewer, limit: int = 8) -> list[Hit]:
    """The best hits of a query that the viewer may see, best first. While somebody
    types, it may not be one yet: then its words are looked for."""
    scope = Scope.of(viewer)
    table, seen = scope.table, scope.seen
    try:
        answer = ask(text, viewer, scope)
        found, plain = answer.truth.yes if answer.tree else 0, answer.words
        is_words = not answer.fields
    except Wrong:
        found, plain, is_words = seen, text, True
    if plain:
        if is_words and not scope.holding(plain):
            found, plain = seen, _mended(plain, scope)
        kept = scope.best(plain, found, limit)
    else:
        kept = table.page(found, "title", 0, limit)
    words = fulltext.words(text)
    return [
        Hit(row, _title(table, seen, row.owner), matched(row, words))
        for row in hot.lines(kept)
    ]


def _mended(text: str, scope: Scope) -> str:
    """The words with slips put right, as far as that finds anything."""
    words = []
    for word in text.split():
        holds = scope.holding(word)
        close = [] if holds else slips.near(word, scope.table, scope.seen, 1)
        words += close or [word]
    return " ".join(words)


def matched(entity: Line, words: list[str]) -> str:
    """The part of the description that holds a word which the title does not."""
    named = " ".join(fulltext.words(f"{entity.title} {entity.name}"))
    beyond = [word for word in words if word not in named]
    text = " ".join(entity.description.split())
    places = [at for word in beyond if (at := text.lower().find(word)) >= 0]
    if not places:
        return ""
    start = max(0, min(places) - _AROUND // 2)
    if start:
        start = text.find(" ", start) + 1 or start
    part = text[start : start + 2 * _AROUND]
    return f"{'… ' if start else ''}{part}{' …' if text[start:] != part else ''}"


_NEAR: generation.Cache[References] = generation.Cache(limit=50)


def hint(missing: str, viewer: Viewer) -> str:
    """What a reference that leads nowhere was probably meant to be, among what the
    viewer may see; empty where nothing is near."""
    key = (viewer.sees_all, viewer.audiences, viewer.principals)
    return _NEAR.get(key, lambda: _visible_references(viewer)).hint(missing)


def _visible_references(viewer: Viewer) -> References:
    table = columns.current()
    seen = table.visible_to(viewer)
    return References(table.refs[at] for at in columns.positions_of(seen))


def counts(field: str, viewer: Viewer) -> dict[str, int]:
    """How many entities have each value of a field, most first."""
    table = columns.current()
    seen = table.visible_to(viewer)
    found = {
        value: (bits & seen).bit_count() for value, bits in table.bits[field].items()
    }
    order = sorted(found, key=lambda value: (-found[value], value))
    return {value: found[value] for value in order if found[value]}


def _title(table: Columns, seen: int, ref: str) -> str:
    at = table.at_ref(ref) if ref else None
    if at is None or not seen >> at & 1:
        return refs.short(ref)
    return table.titles[ref]
