"""Why a document cannot be read: the parser's words, in those of a catalog author."""

from __future__ import annotations

from typing import Any

import yaml

from catalog.entities.problems import Problem

# What the parser says, what that means, and what to do about it.
_WORDS = (
    (
        "mapping values are not allowed",
        "There is one colon too many here, or the indentation is wrong.",
        "A value with a colon needs quotes; otherwise, correct the indentation.",
    ),
    (
        "block sequence entries are not allowed",
        "A list cannot begin here.",
        "Put each dash on a line of its own below the key, or the value in quotes.",
    ),
    (
        "did not find expected key",
        "This does not fit the lines above it.",
        "Give keys of one level the same indentation, and close quotes and brackets.",
    ),
    (
        "did not find expected '-'",
        "This does not fit the list above it.",
        "Give each dash of a list the same indentation.",
    ),
    (
        "expected comment or line break",
        "A text cannot begin in the line of its | or >.",
        "Begin it in the next line, indented; or put the whole value in quotes.",
    ),
    (
        "expected ',' or",
        "A bracket opens before this and does not close, or a comma is missing.",
        "Close the bracket, or put a value that has brackets in quotes.",
    ),
    (
        "could not find expected ':'",
        "A key ends here without its colon.",
        "Write key: value, or indent the line if it goes on with a text.",
    ),
    (
        "found unexpected ':'",
        "Between brackets, a colon stands here without a space after it.",
        "Write {key: value}, or put a value that has a colon in quotes.",
    ),
    (
        "unknown escape character",
        "In double quotes, this backslash begins nothing that YAML knows.",
        "Write two backslashes for one, or use single quotes.",
    ),
    (
        "invalid Unicode character escape",
        "This escape names no character.",
        "Write the character itself.",
    ),
)


class Unreadable(Exception):
    """A document that is no YAML of ours; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def unreadable(
    code: str, message: str, remedy: str = "", mark: Any = None, line: int = 1
) -> Unreadable:
    """To be raised; `line` is where the document begins that `mark` counts in."""
    problem = Problem(code, message, remedy)
    if mark is not None:
        problem = problem.placed("", mark.line + line, mark.column + 1)
    return Unreadable(problem)


def explained(error: Exception, text: str, line: int) -> Unreadable:
    """What the parser says about a document that begins in this line."""
    if isinstance(error, yaml.MarkedYAMLError):
        return _syntax_error(error, text, line)
    if isinstance(error, yaml.reader.ReaderError):
        return unreadable(
            "binary",
            f"The file holds the character {_code_point(error.character)}, "
            "which YAML does not allow.",
            "Remove it, or leave the file out of the catalog folder.",
        )
    return unreadable("yaml", f"The YAML cannot be read: {error}.")


def _code_point(character: Any) -> str:
    code = character if isinstance(character, int) else ord(str(character)[:1] or "\0")
    return f"U+{code:04X}"


def _syntax_error(error: yaml.MarkedYAMLError, text: str, line: int) -> Unreadable:
    mark = error.problem_mark or error.context_mark
    problem = (error.problem or "cannot be read").strip()
    if "quoted scalar" in (error.context or "") and "end of stream" in problem:
        return unreadable(
            "yaml",
            "A quote opens here and never closes.",
            "Close it, or remove it.",
            error.context_mark,
            line,
        )
    message, remedy = _words(problem, text, mark)
    return unreadable("yaml", message, remedy, mark, line)


def _words(problem: str, text: str, mark: Any) -> tuple[str, str]:
    lines = text.splitlines()
    source = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\t" in source[: len(source) - len(source.lstrip())]:
        return (
            "The line begins with a tab, where YAML allows only spaces.",
            "Write spaces in place of the tab.",
        )
    if "cannot start any token" in problem:
        return (
            f"A value cannot begin with {source[mark.column : mark.column + 1]!r}.",
            "Put the value in quotes.",
        )
    for sign, message, remedy in _WORDS:
        if sign in problem:
            return message, remedy
    return (
        f"The YAML cannot be read: {problem}.",
        "Check the indentation and the quotes there.",
    )
