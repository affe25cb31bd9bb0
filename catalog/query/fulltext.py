"""Full text over the catalog: one interface, FTS5 on SQLite, tsvector on PostgreSQL.

Texts are made into plain lower-case words here, so that both back ends find alike:
without accents, and `whisper-large.v3` as the words whisper, large, v3. The index is
written in the transaction that changes the catalog, so it is never behind.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from django.db import connection

from catalog.entities import sql

_WORD = re.compile(r"\w+")
# One word as it is written: an accent may stand behind its letter.
_WRITTEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_CHUNK = 400
# PostgreSQL leaves out words of 2,048 bytes.
_LONGEST = 500

SQLITE_SCHEMA = (
    "CREATE VIRTUAL TABLE query_passage USING fts5("
    "head, body, tokenize='unicode61', prefix='1 2 3')"
)
POSTGRES_SCHEMA = (
    "CREATE TABLE query_passage (id bigint PRIMARY KEY, words tsvector NOT NULL);"
    "CREATE INDEX query_passage_words ON query_passage USING gin (words)"
)


def words(text: str) -> list[str]:
    """The plain words of a text, in order."""
    # Some signs become capitals and lines only here: ™ is TM.
    flat = unicodedata.normalize("NFKD", text).lower()
    flat = flat.replace("_", " ").replace("ς", "σ")
    plain = "".join(c for c in flat if not unicodedata.combining(c))
    return [word[:_LONGEST] for word in _WORD.findall(plain)]


@dataclass(frozen=True)
class Sought:
    """The plain words that were looked for: `begins` may go on, `wholes` may not."""

    begins: tuple[str, ...] = ()
    wholes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begins or self.wholes)

    def means(self, word: str) -> bool:
        """Is this plain word one of them?"""
        return word in self.wholes or word.startswith(self.begins)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """All of them, however they are meant."""
        return (*self.begins, *self.wholes)

    @cached_property
    def each(self) -> tuple[Sought, ...]:
        """Every word by itself."""
        begins = (Sought(begins=(word,)) for word in dict.fromkeys(self.begins))
        wholes = (Sought(wholes=(word,)) for word in dict.fromkeys(self.wholes))
        return (*begins, *wholes)


def places(text: str, sought: Sought) -> Iterator[tuple[int, int]]:
    """Where in a text the words stand that full text finds, as start and end."""
    if text.isascii():
        yield from sorted(set(_plain_places(text.lower(), sought)))
        return
    for found in _WRITTEN.finditer(text):
        word = found[0]
        plain = [word.lower()] if word.isascii() else words(word)
        if any(sought.means(one) for one in plain):
            yield found.span()


def holds(text: str, sought: Sought) -> bool:
    """Does any of the words stand in this text?"""
    if not text.isascii():
        return next(places(text, sought), None) is not None
    low = text.lower()
    # Most texts hold none of them: that is told without looking for whole words.
    for word in sought.words:
        if word in low:
            return next(_plain_places(low, sought), None) is not None
    return False


def _plain_places(low: str, sought: Sought) -> Iterator[tuple[int, int]]:
    """Where words stand in a text of plain letters, word for word, with each way that
    one is meant. Looking for a part is quicker than looking at all words."""
    for word in sought.words:
        start = low.find(word)
        while start >= 0:
            end = _end(low, start + len(word))
            if not low[start - 1 : start].isalnum() and sought.means(low[start:end]):
                yield start, end
            start = low.find(word, end)


def _end(low: str, at: int) -> int:
    """The end of the word that goes on there."""
    while at < len(low) and low[at].isalnum():
        at += 1
    return at


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def replace(passages: Iterable[tuple[int, str, str]]) -> None:
    """Index (entity key, head, body), in place of what stood there."""
    made = [(key, " ".join(words(h)), " ".join(words(b))) for key, h, b in passages]
    remove([key for key, _, _ in made])
    with connection.cursor() as cursor:
        if _is_postgres():
            cursor.executemany(
                "INSERT INTO query_passage (id, words) VALUES (%s, "
                "setweight(to_tsvector('simple', %s), 'A') || "
                "setweight(to_tsvector('simple', %s), 'B'))",
                made,
            )
        else:
            cursor.executemany(
                "INSERT INTO query_passage (rowid, head, body) VALUES (%s, %s, %s)",
                made,
            )


def remove(keys: list[int]) -> None:
    """Take entities out of the index."""
    column = "id" if _is_postgres() else "rowid"
    with connection.cursor() as cursor:
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            marks = ",".join(["%s"] * len(part))
            cursor.execute(
                f"DELETE FROM query_passage WHERE {column} IN ({marks})", part
            )


@dataclass(frozen=True)
class Found:
    """Keys of entities; the first `named` hold all words in their name or title."""

    keys: list[int]
    named: int = 0


def search(text: str, *, exact: bool = False) -> Found:
    """The entities that hold every word, or a word that begins so; those that hold all
    of them in their name or title come first. `exact` ones hold the whole text, word
    for word.

    Not restricted: the caller keeps what the viewer may see. The order rests on each
    entity alone, since statistics over all would tell of the hidden ones.
    """
    wanted = words(text)
    if not wanted:
        return Found([])
    return (_postgres if _is_postgres() else _sqlite)(wanted, exact)


def _postgres(wanted: list[str], exact: bool) -> Found:
    if exact:
        # The end of the title and the beginning of the text are no text together.
        head, body = (" <-> ".join(f"{word}:{at}" for word in wanted) for at in "AB")
        anywhere = f"({head}) | ({body})"
    else:
        head = " & ".join(f"{word}:*A" for word in wanted)
        anywhere = " & ".join(f"{word}:*" for word in wanted)
    rows = sql.rows(
        "SELECT id, words @@ to_tsquery('simple', %s) FROM query_passage "
        "WHERE words @@ to_tsquery('simple', %s)",
        [head, anywhere],
    )
    named = sorted(key for key, is_named in rows if is_named)
    others = sorted(key for key, is_named in rows if not is_named)
    return Found(named + others, len(named))


def _sqlite(wanted: list[str], exact: bool) -> Found:
    """Twice without an order, which is half the work of once with one."""
    text = "SELECT rowid FROM query_passage WHERE query_passage MATCH %s"
    anywhere = " AND ".join(f'"{word}"*' for word in wanted)
    anywhere = f'"{" ".join(wanted)}"' if exact else anywhere
    named = list(chain.from_iterable(sql.rows(text, [f"head : ({anywhere})"])))
    found = list(chain.from_iterable(sql.rows(text, [anywhere])))
    if named:
        first = set(named)
        found = named + [key for key in found if key not in first]
    return Found(found, len(named))
