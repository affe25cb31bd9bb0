"""Which files of a source are read: patterns as in .gitignore, several with spaces."""

from __future__ import annotations

from functools import lru_cache

from pathspec import GitIgnoreSpec

SUFFIXES = (".yaml", ".yml")


def fits(path: str, pattern: str) -> bool:
    """Is this file, relative to the source, one that the pattern names?

    An empty pattern names every YAML file; `!` takes files out again.
    """
    if not pattern.strip():
        return path.endswith(SUFFIXES)
    return _spec(pattern).match_file(path)


def problem(pattern: str) -> str:
    """Why a pattern cannot be used, or nothing."""
    try:
        _spec(pattern)
    except ValueError as error:
        return f"The pattern {pattern!r} cannot be read: {error}."
    return ""


@lru_cache(maxsize=256)
def _spec(pattern: str) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(pattern.split())
