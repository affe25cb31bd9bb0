"""Slips in names: `wisper` is near Whisper. Words of titles and names by their letters.

In memory, for each generation of the catalog: pg_trgm cannot be installed everywhere,
FTS5's trigrams find parts and not slips, and both databases have to find alike. Words
are compared with those that share their rarest groups of letters, as references are in
catalog.entities.near.
"""

from __future__ import annotations

import difflib
from collections import Counter, defaultdict
from dataclasses import dataclass

from catalog.entities import generation
from catalog.query import fulltext
from catalog.query.columns import Columns

CUTOFF = 0.72
_SHORTEST, _COMPARED, _MOST_WORDS, _MOST_PARTS = 4, 30, 400, 8


@dataclass(frozen=True)
class _Index:
    """`words` with the positions that have each in title or name, and the words of
    each pair of letters."""

    words: dict[str, int]
    groups: dict[str, list[str]]


_INDEX: generation.Cache[_Index] = generation.Cache(limit=1)


def near(word: str, table: Columns, seen: int, limit: int = 3) -> list[str]:
    """The words in names of `seen` entities that this one is probably a slip of, the
    likeliest first; empty for a short one."""
    index = _INDEX.get("words", lambda: _build(table))
    parts = fulltext.words(word)
    if len(parts) != 1:
        # Of `whispr-large` each part may be one. What has a hundred is no name.
        if len(parts) > _MOST_PARTS:
            return []
        mended = [(_near(part, index, seen) or [part])[0] for part in parts]
        return [" ".join(mended)] if mended != parts else []
    return _near(parts[0], index, seen)[:limit]


def _near(wanted: str, index: _Index, seen: int) -> list[str]:
    if len(wanted) < _SHORTEST or index.words.get(wanted, 0) & seen:
        return []
    found = []
    for known in _candidates(wanted, index):
        matcher = difflib.SequenceMatcher(None, known, wanted)
        # A word that goes on is found by its beginning: `embeding` is embeddings.
        part = difflib.SequenceMatcher(None, known[: len(wanted)], wanted)
        ratio = max(matcher.ratio(), part.ratio() - 0.05)
        if ratio >= CUTOFF and known != wanted and index.words[known] & seen:
            found.append((-ratio, known))
    return [known for _, known in sorted(found)]


def _candidates(wanted: str, index: _Index) -> list[str]:
    """The words that share the most of the rarer groups of letters."""
    shared: Counter[str] = Counter()
    groups = sorted(_groups(wanted), key=lambda g: len(index.groups.get(g, ())))
    for group in groups[: max(3, len(groups) // 2 + 1)]:
        known = index.groups.get(group, ())
        if len(known) <= _MOST_WORDS or not shared:
            shared.update(known[: 4 * _MOST_WORDS])
    return [word for word, _ in shared.most_common(_COMPARED)]


def _groups(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[at : at + 2] for at in range(len(padded) - 1)}


def _build(table: Columns) -> _Index:
    words: dict[str, int] = defaultdict(int)
    for at, ref in enumerate(table.refs):
        named = f"{table.titles[ref]} {ref.rpartition('/')[2]}"
        for word in set(fulltext.words(named)):
            if len(word) >= _SHORTEST and not word.isdigit():
                words[word] |= 1 << at
    groups: dict[str, list[str]] = defaultdict(list)
    for word in words:
        for group in _groups(word):
            groups[group].append(word)
    return _Index(dict(words), dict(groups))
