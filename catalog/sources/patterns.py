"""Which files of a source are read: patterns as in .gitignore, several with spaces."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from functools import lru_cache

from pathspec import GitIgnoreSpec

from catalog.sources.provider import SourceError

_MOST_WORDS = 50
SUFFIXES = (".yaml", ".yml")
# A file that somebody names may also be a model catalog.
NAMED = (*SUFFIXES, ".json")


def fits(path: str, pattern: str) -> bool:
    """Is this file, relative to the source, one that the pattern names?

    An empty pattern names every YAML file; `!` takes files out again.
    """
    if not pattern.strip():
        return path.endswith(SUFFIXES)
    return _spec(pattern).match_file(path)


# Folders of tools, in which no catalog lies.
SKIPPED = frozenset({"node_modules", "__pycache__", "venv"})


def is_chosen(path: str, pattern: str) -> bool:
    """Does the pattern name this file, and does it lie where catalogs lie? What is
    hidden is read only where the pattern says so."""
    steps = path.split("/")
    hidden = any(step.startswith(".") for step in steps)
    if not SKIPPED.isdisjoint(steps) or (hidden and "." not in _starts(pattern)):
        return False
    return fits(path, pattern)


def _starts(pattern: str) -> set[str]:
    """How the steps of a pattern begin."""
    return {step[:1] for part in pattern.split() for step in part.split("/")}


def is_pattern(target: str) -> bool:
    """Does a target of a Location name several files?"""
    return bool(set("*?[{") & set(target))


def matching(paths: Iterable[str], base: str, target: str) -> list[str]:
    """The paths that a pattern names, relative to the file `base`. Raises SourceError
    when there is none."""
    whole = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
    spec = _spec_of(f"/{part}" for part in _braces(whole))
    found = [path for path in paths if path != base and spec.match_file(path)]
    if not found:
        raise SourceError(
            f"The target {target} names no file.",
            "Correct the pattern, or take it out of the Location.",
        )
    return found


def _braces(pattern: str) -> list[str]:
    """`a/{b,c}` as `a/b` and `a/c`, which .gitignore does not know."""
    head, brace, rest = pattern.partition("{")
    inside, end, tail = rest.partition("}")
    if not (brace and end):
        return [pattern]
    ways = [f"{head}{word}{tail}" for word in inside.split(",")[:_MOST_WORDS]]
    return [done for way in ways for done in _braces(way)][:_MOST_WORDS]


def problem(pattern: str) -> str:
    """Why a pattern cannot be used, or nothing."""
    try:
        _spec(pattern)
    except ValueError as error:
        return f"The pattern {pattern!r} cannot be read: {error}."
    return ""


@lru_cache(maxsize=256)
def _spec(pattern: str) -> GitIgnoreSpec:
    return _spec_of(pattern.split())


def _spec_of(lines: Iterable[str]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(lines)
