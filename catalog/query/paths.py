"""The values at any path of the documents, as Backstage's filters name them.

`spec.type`, `metadata.tags`, `metadata.annotations.example.org/x`: keys in lower case,
values through lists. Read when a path is first asked for, and kept by ETag: after a
change only what changed is read again. What a viewer may see is the caller's matter.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from sys import intern
from threading import Lock
from typing import Any

from catalog.entities import hot
from catalog.query.columns import Columns, as_bits

# None stands for a value that is there and matches nothing: null, or a long text.
Values = tuple[str | None, ...]
Group = tuple[str, ...]
UID = "metadata.uid"
USUAL = (
    *("kind", "metadata.name", "metadata.namespace", "metadata.title"),
    *("metadata.tags", "metadata.description"),
    *("spec.type", "spec.lifecycle", "spec.owner", "spec.system"),
)
_LONGEST = 200
_MOST_PATHS, _CHUNK = 60, 1000
_NOT_READ = frozenset({"attachments", "relations", "status"})


@dataclass(frozen=True)
class Wanted:
    """Some paths, in lower case; `towards` are the steps that lead to them."""

    paths: frozenset[str]
    towards: frozenset[str]

    @classmethod
    def of(cls, paths: Iterable[str]) -> Wanted:
        """What is read of documents for these paths."""
        every = frozenset(paths)
        steps = (path[:at] for path in every for at, c in enumerate(path) if c == ".")
        return cls(every, every.union(steps))

    def values(self, data: dict[str, Any]) -> dict[str, list[str | None]]:
        """The values of the paths in a document, in order."""
        found: dict[str, list[str | None]] = defaultdict(list)
        for key, value in data.items():
            if key not in _NOT_READ:
                self._walk(key.lower(), value, found)
        return found

    def _walk(self, path: str, value: Any, found: dict[str, list[str | None]]) -> None:
        if path not in self.towards:
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                self._walk(f"{path}.{key.lower()}", inner, found)
        elif isinstance(value, list):
            for inner in value:
                self._walk(path, inner, found)
                if isinstance(inner, str) and len(inner) <= _LONGEST:
                    self._take(f"{path}.{inner.lower()}", "true", found)
        elif isinstance(value, str):
            self._take(path, value if len(value) <= _LONGEST else None, found)
        else:
            self._take(path, None if value is None else json.dumps(value), found)

    def _take(
        self, path: str, value: str | None, found: dict[str, list[str | None]]
    ) -> None:
        if path in self.paths:
            found[path].append(value)


@dataclass
class PathColumn:
    """The values of one path, by position of the columns, as they were written."""

    values: list[Values]
    _bits: dict[str, int] = field(default_factory=dict)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where each value stands."""
        found: dict[str, list[int]] = defaultdict(list)
        for at, values in enumerate(self.values):
            for value in values:
                if value is not None:
                    found[value].append(at)
        return found

    @cached_property
    def spellings(self) -> dict[str, list[str]]:
        """The values as they were written, by their lower case."""
        found: dict[str, list[str]] = defaultdict(list)
        for value in self.positions:
            found[value.lower()].append(value)
        return found

    @cached_property
    def having(self) -> int:
        """Who has this path at all."""
        return as_bits((at for at, v in enumerate(self.values) if v), len(self.values))

    def bits(self, value: str) -> int:
        """Who has this value, in whatever case."""
        wanted = value.lower()
        if wanted not in self.spellings:
            return 0
        if wanted not in self._bits:
            found = (at for v in self.spellings[wanted] for at in self.positions[v])
            self._bits[wanted] = as_bits(found, len(self.values))
        return self._bits[wanted]

    @cached_property
    def written(self) -> dict[str, int]:
        """Who has each value, as it was written."""
        size = len(self.values)
        return {value: as_bits(at, size) for value, at in self.positions.items()}

    @cached_property
    def firsts(self) -> list[str | None]:
        """The first value of each position in lower case."""
        return [v[0].lower() if v and v[0] is not None else None for v in self.values]


@dataclass(frozen=True)
class Haystack:
    """The values of some paths of every position, in one text: it is gone through
    faster than ten thousand short ones."""

    text: str
    starts: list[int]

    @classmethod
    def of(cls, table: Columns, names: Sequence[str]) -> Haystack:
        """The values of these paths in lower case, kept as long as the table."""
        wanted = tuple(sorted({name.lower() for name in names}))
        return table.keep(("haystack", wanted), lambda: cls._made(table, wanted))

    @classmethod
    def _made(cls, table: Columns, names: Sequence[str]) -> Haystack:
        rows = zip(*(column(table, name).values for name in names), strict=True)
        parts = ["\0".join(v for vs in row for v in vs if v).lower() for row in rows]
        lengths = (len(part) + 1 for part in parts)
        return cls("\0".join(parts), [0, *accumulate(lengths)])

    def holding(self, needle: str) -> list[int]:
        """The positions of those with a value that holds a text in lower case."""
        found, at = [], self.text.find(needle) if "\0" not in needle else -1
        while at != -1:
            position = bisect_right(self.starts, at) - 1
            found.append(position)
            at = self.text.find(needle, self.starts[position + 1])
        return found


# Some paths that are read together -> entity key -> ETag, values of each path.
_KNOWN: dict[Group, dict[int, tuple[str, tuple[Values, ...]]]] = {}
_LOCK = Lock()


def column(table: Columns, path: str) -> PathColumn:
    """The column of a path, which is compared in lower case."""
    path = path.lower()
    return table.keep(("path", path), lambda: _made(table, path))


def _made(table: Columns, path: str) -> PathColumn:
    if path == UID:
        # The order of every list that asks for none: no document is read for it.
        uids = hot.uids()
        return PathColumn([(uids[key],) if key in uids else () for key in table.keys])
    group = USUAL if path in USUAL else (path,)
    etags = table.keep("etags", hot.etags)
    with _LOCK:
        known = _brought_up(group, table.keys, etags)
        at = group.index(path)
        return PathColumn([known[k][1][at] if k in known else () for k in table.keys])


def _brought_up(
    group: Group, keys: Sequence[int], etags: Mapping[int, str]
) -> dict[int, tuple[str, tuple[Values, ...]]]:
    """What is known of some paths, after reading what is new or has changed."""
    _make_room(group)
    known = _KNOWN.setdefault(group, {})
    stale = [key for key in keys if key not in known or known[key][0] != etags.get(key)]
    wanted = Wanted.of(group)
    for start in range(0, len(stale), _CHUNK):
        for key, (final, etag) in hot.documents(stale[start : start + _CHUNK]).items():
            known[key] = etag, _values(wanted.values(json.loads(final)), group)
    if len(known) > 2 * len(keys) + _CHUNK:
        known = _KNOWN[group] = {key: known[key] for key in keys if key in known}
    return known


def _values(found: Mapping[str, list[str | None]], group: Group) -> tuple[Values, ...]:
    return tuple(
        _once(tuple(v and intern(v) for v in found.get(path, ()))) for path in group
    )


@lru_cache(maxsize=4000)
def _once(values: Values) -> Values:
    """The same values, kept once: most entities say what others say too."""
    return values


def _make_room(group: Group) -> None:
    if group not in _KNOWN and len(_KNOWN) >= _MOST_PATHS:
        for other in [one for one in _KNOWN if one != USUAL][:10]:
            del _KNOWN[other]
