"""Why a document cannot be read: the parser's words, in those of a catalog author."""

from __future__ import annotations

from typing import Any

import yaml

from catalog.entities.problems import Problem

_REMEDIES = {
    "mapping values are not allowed": "A value with a colon needs quotes; or the "
    "indentation is wrong.",
    "found unexpected ':'": "Between brackets, write a space after the colon: "
    "{key: value}.",
    "invalid Unicode character escape": "Write the character itself: the escape names "
    "only half of one, or stands beside characters for private use.",
    "cannot start any token": "A value that begins with this character needs quotes.",
}


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
    message = f"The YAML cannot be read: {problem}."
    return unreadable("yaml", message, _remedy(problem, text, mark), mark, line)


def _remedy(problem: str, text: str, mark: Any) -> str:
    lines = text.splitlines()
    source = lines[mark.line] if mark is not None and mark.line < len(lines) else ""
    if "\t" in source[: len(source) - len(source.lstrip())]:
        return "The line begins with a tab: YAML allows only spaces there."
    for sign, remedy in _REMEDIES.items():
        if sign in problem:
            return remedy
    return "Check the indentation and the quotes there."
