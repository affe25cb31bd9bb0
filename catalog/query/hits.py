"""The best entities for a few words, each with the text that matched; and counts.

Lean beside `search`: no facets, no pages. For suggestions while somebody types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog import refs
from catalog.entities import generation, hot
from catalog.entities.hot import Line
from catalog.entities.models import Entity
from catalog.entities.near import References
from catalog.entities.viewer import Viewer
from catalog.query import columns, fulltext, slips
from catalog.query.columns import Columns
from catalog.query.fulltext import Sought
from catalog.query.language.asking import ask
from catalog.query.language.scope import Scope
from catalog.query.language.wrong import Wrong

_AROUND = 60
Row = Entity | Line


@dataclass(frozen=True)
class Place:
    """A text of an entity that holds a word: `tags` and the tag."""

    title: str
    text: str


@dataclass(frozen=True)
class Hit:
    """One entity that was found: who owns it, and the words around the match.

    `matched` is empty where the title says it already; `elsewhere` says where the words
    stand that neither shows. `sought` are the words that were looked for.
    """

    entity: Line
    owner: str
    matched: str
    sought: Sought
    elsewhere: tuple[Place, ...]


def find(
    text: str, viewer: Viewer, limit: int = 8, scope: Scope | None = None
) -> list[Hit]:
    """The best hits of a query that the viewer may see, best first. While somebody
    types, it may not be one yet: then its words are looked for."""
    scope = scope or Scope.of(viewer)
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
    rows = {row.key: row for row in hot.lines(kept)}
    sought = Sought(begins=tuple(fulltext.words(plain)))
    told = elsewhere(table, rows, sought)
    return [
        Hit(
            row,
            _title(table, seen, row.owner),
            matched(row, sought),
            sought,
            told.get(row.key, ()),
        )
        for row in rows.values()
    ]


def _mended(text: str, scope: Scope) -> str:
    """The words with slips put right, as far as that finds anything."""
    words = []
    for word in text.split():
        holds = scope.holding(word)
        close = [] if holds else slips.near(word, scope.table, scope.seen, 1)
        words += close or [word]
    return " ".join(words)


def matched(entity: Row, sought: Sought) -> str:
    """The part of the description that holds a word which the title does not."""
    named = f"{entity.title} {entity.name}"
    beyond = [one for one in sought.each if not fulltext.holds(named, one)]
    text = " ".join(entity.description.split())
    places = [at for one in beyond for at, _ in fulltext.places(text, one)]
    if not places:
        return ""
    start = max(0, min(places) - _AROUND // 2)
    if start:
        start = text.find(" ", start) + 1 or start
    part = text[start : start + 2 * _AROUND]
    return f"{'… ' if start else ''}{part}{' …' if text[start:] != part else ''}"


@dataclass(frozen=True)
class Told:
    """What a row of a list says of its match."""

    matched: str
    elsewhere: tuple[Place, ...]


def told(table: Columns, rows: Mapping[int, Row], sought: Sought) -> dict[int, Told]:
    """What each row says of its match; empty where no words were looked for."""
    places = elsewhere(table, rows, sought)
    return {
        key: Told(matched(rows[key], sought), found) for key, found in places.items()
    }


def elsewhere(
    table: Columns, rows: Mapping[int, Row], sought: Sought
) -> dict[int, tuple[Place, ...]]:
    """Where the words stand that a row does not show: in what its own document says.

    The tags come out of the table in memory; no query is asked.
    """
    if not sought:
        return {}
    hidden = {key: _hidden(row, sought) for key, row in rows.items()}
    tags = columns.values_at(table, "tag", table.set_of(k for k in rows if hidden[k]))
    found = {}
    for key, words in hidden.items():
        named = tags.get(key, [])
        told = (one for word in words if (one := _first(rows[key], named, word)))
        found[key] = tuple(dict.fromkeys(told))
    return found


def _hidden(row: Row, sought: Sought) -> list[Sought]:
    """The words that a row does not show."""
    shown = f"{row.label} {row.type or row.kind} {row.description}"
    return [one for one in sought.each if not fulltext.holds(shown, one)]


def _texts(row: Row, tags: list[str]) -> Iterator[tuple[str, str]]:
    yield "name", row.name
    for tag in tags:
        yield "tags", tag
    yield "owner", row.owner.rpartition("/")[2]
    yield "system", row.system.rpartition("/")[2]
    yield "kind", row.kind


def _first(row: Row, tags: list[str], word: Sought) -> Place | None:
    for title, text in _texts(row, tags):
        if fulltext.holds(text, word):
            return Place(title, text)
    return None


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
